import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Camera, CameraError } from '@spinbay/capture/platform/camera.ts';
import type { NativePhoto } from '../storage/photo-folder';
import { FakeCamera, type FakeCameraOptions } from '../testing/fake-camera';
import { openNodeFolder } from '../testing/node-folder';
import { createDarkroom, type DarkroomOptions } from './darkroom';
import { type VisionCamera, visionCamera } from './vision-camera';

let disk: string;
beforeEach(() => {
  disk = mkdtempSync(join(tmpdir(), 'spinbay-camera-'));
});
afterEach(() => {
  jest.useRealTimers();
  rmSync(disk, { recursive: true, force: true });
});

function portOf(
  fake: FakeCamera,
  os: 'ios' | 'android' = 'ios',
  measure: DarkroomOptions['measure'] = async () => null,
) {
  let photos = 0;
  const darkroom = createDarkroom({
    folder: openNodeFolder(disk),
    newId: () => `photo-${photos++}`,
    write: (uri, bytes) => writeFileSync(uri.replace('file://', ''), bytes),
    measure,
  });
  return visionCamera({ factory: fake.factory, darkroom, os });
}

async function open(options: FakeCameraOptions = {}, os: 'ios' | 'android' = 'ios') {
  const fake = new FakeCamera(options);
  return { fake, camera: await portOf(fake, os).open(null) };
}

const shootOptions = { quality: 0.92, previewSide: 1280, frames: 1 };
const textOf = (photo: unknown) => readFileSync((photo as NativePhoto).uri.replace('file://', ''));

describe('opening the camera', () => {
  test('asks once for permission', async () => {
    const { fake, camera } = await open({ permission: 'not-determined' });
    expect(fake.asked.permission).toBe(1);
    expect([camera.label, camera.width, camera.height]).toEqual(['Back Camera', 4032, 3024]);
  });

  test.each<[string, FakeCameraOptions, string]>([
    ['permission is refused now', { permission: 'not-determined', grants: false }, 'denied'],
    ['permission was refused before', { permission: 'denied' }, 'denied'],
    ['the phone forbids it', { permission: 'restricted' }, 'denied'],
    ['there is no camera', { device: null }, 'missing'],
    ['the camera is in use', { refuses: true }, 'busy'],
  ])('fails with a fault if %s', async (_, options, fault) => {
    const opening = portOf(new FakeCamera(options)).open(null);
    await expect(opening).rejects.toBeInstanceOf(CameraError);
    await expect(opening).rejects.toMatchObject({ fault });
  });
});

test('a camera that does not start is reported after some seconds', async () => {
  jest.useFakeTimers();
  const fake = new FakeCamera({ started: new Promise(() => undefined) });
  const opening = portOf(fake)
    .open(null)
    .catch((error: unknown) => error);
  await jest.runAllTimersAsync();
  expect(await opening).toMatchObject({ name: 'CameraError', fault: 'silent' });
  expect(fake.asked.stopped).toBe(1);
});

test('a camera that starts too late is stopped', async () => {
  jest.useFakeTimers();
  let start: () => void = () => undefined;
  const started = new Promise<void>((resolve) => {
    start = resolve;
  });
  const fake = new FakeCamera({ started });
  const opening = portOf(fake)
    .open(null)
    .catch(() => undefined);
  await jest.runAllTimersAsync();
  await opening;
  start();
  await jest.runAllTimersAsync();
  expect(fake.asked.stopped).toBe(2);
});

test('a photo that the camera never delivers does not keep it running after it was closed', async () => {
  jest.useFakeTimers();
  const { fake, camera } = await open({ neverDelivers: true });
  void camera.shoot(shootOptions);
  camera.close();
  expect(fake.asked.stopped).toBe(0);
  await jest.runAllTimersAsync();
  expect(fake.asked.stopped).toBe(1);
});

describe('a press of the shutter', () => {
  test('writes the original and a preview with the capture time into the folder of the outbox', async () => {
    const { camera } = await open();
    const shot = await camera.shoot(shootOptions);
    const { original, preview, width, height } = await shot.photo;
    expect(textOf(original).toString()).toBe('an original of the camera');
    expect([width, height]).toEqual([4032, 3024]);
    const small = textOf(preview);
    expect([...small.subarray(0, 4)]).toEqual([0xff, 0xd8, 0xff, 0xe1]);
    expect(small.toString('latin1')).toContain('Spinbay Capture');
    expect(preview.size).toBe(small.length);
    expect(await shot.burst).toBeNull();
    expect(Math.abs(shot.capturedAt.getTime() - Date.now())).toBeLessThan(60_000);
  });

  test('frees the memory of every picture', async () => {
    const before = FakeCamera.openImages;
    const { camera } = await open();
    const shot = await camera.shoot(shootOptions);
    await Promise.all([shot.photo, shot.measures]);
    await new Promise((resolve) => setTimeout(resolve, 0));
    expect(FakeCamera.openImages).toBe(before);
  });

  test('frees the memory of a preview that cannot be written', async () => {
    const before = FakeCamera.openImages;
    const darkroom = createDarkroom({
      folder: openNodeFolder(disk),
      newId: () => 'photo',
      write: () => {
        throw new Error('no space left');
      },
      measure: async () => null,
    });
    const camera = await visionCamera({ factory: new FakeCamera().factory, darkroom, os: 'ios' }).open(null);
    await expect((await camera.shoot(shootOptions)).photo).rejects.toThrow('no space left');
    await new Promise((resolve) => setTimeout(resolve, 0));
    expect(FakeCamera.openImages).toBe(before);
  });

  test('is kept without measures if it cannot be measured, and the log says why', async () => {
    const warn = jest.spyOn(console, 'warn').mockImplementation(() => undefined);
    const reason = new Error('the pixel format unknown is unknown');
    const camera = await portOf(new FakeCamera(), 'ios', () => Promise.reject(reason)).open(null);
    const shot = await camera.shoot(shootOptions);
    expect(await shot.measures).toBeNull();
    expect(await shot.photo).toMatchObject({ width: expect.any(Number) });
    expect(warn).toHaveBeenCalledWith('The photo could not be measured.', reason);
    warn.mockRestore();
  });

  test('is completed if the camera closes in the meantime, and the camera stops afterwards', async () => {
    const { fake, camera } = await open();
    const shooting = camera.shoot(shootOptions);
    camera.close();
    expect(textOf((await (await shooting).photo).original).toString()).toBe('an original of the camera');
    expect(fake.asked.stopped).toBe(1);
  });

  test('configures the camera again only if the quality has changed', async () => {
    const { fake, camera } = await open();
    for (const quality of [0.97, 0.97]) await (await camera.shoot({ ...shootOptions, quality })).photo;
    expect(fake.qualities).toEqual([0.92, 0.97]);
  });

  test('fails if the photo cannot be written, but not if the check fails', async () => {
    const fake = new FakeCamera();
    const camera = await portOf(fake).open(null);
    rmSync(disk, { recursive: true });
    const shot = await camera.shoot(shootOptions);
    await expect(shot.photo).rejects.toThrow();
    expect(await shot.measures).toBeNull();
  });

  test('takes a photo in the orientation of the phone', async () => {
    const { fake } = await open();
    fake.turn('right');
    expect(fake.outputs[0]?.at(-1)?.outputOrientation).toBe('right');
  });
});

describe('the lock of exposure and white balance', () => {
  const locked = { exposure: 'locked', white_balance: 'locked' };

  test('on iOS reports the state of the camera afterwards', async () => {
    expect(await (await open()).camera.lock()).toEqual(locked);
    const disobeyed = await open({ ignoresLocks: true });
    expect(await disobeyed.camera.lock()).toEqual({ exposure: 'failed', white_balance: 'failed' });
    const failing = await open({ lockFails: true });
    expect(await failing.camera.lock()).toEqual({ exposure: 'failed', white_balance: 'failed' });
    const without = await open({ device: { supportsWhiteBalanceLocking: false } });
    expect(await without.camera.lock()).toEqual({ exposure: 'locked', white_balance: 'unsupported' });
  });

  test('on Android holds the metering until it is unlocked', async () => {
    const { fake, camera } = await open({}, 'android');
    expect(await camera.lock()).toEqual(locked);
    expect(fake.focused).toEqual([{ modes: ['AE', 'AWB'], adaptiveness: 'locked', autoResetAfter: null }]);
  });

  test('is unsupported on an Android phone without metering', async () => {
    const device = { supportsExposureMetering: false, supportsWhiteBalanceMetering: false };
    const { fake, camera } = await open({ device }, 'android');
    expect(await camera.lock()).toEqual({ exposure: 'unsupported', white_balance: 'unsupported' });
    expect(fake.focused).toEqual([]);
    const failing = await open({ lockFails: true }, 'android');
    expect(await failing.camera.lock()).toEqual({ exposure: 'failed', white_balance: 'failed' });
  });

  test('can be unlocked', async () => {
    const { fake, camera } = await open();
    await camera.lock();
    await camera.unlock();
    expect(fake.resets).toBe(1);
  });
});

test('the screen is notified when a call or another app stops the camera, but not after it was closed', async () => {
  const { fake, camera } = await open();
  let stops = 0;
  camera.onStopped(() => stops++);
  fake.interrupt();
  expect(stops).toBe(1);
  camera.close();
  camera.close();
  fake.interrupt();
  expect([stops, fake.asked.stopped]).toEqual([1, 1]);
});

test('on Android each glance returns a new picture of the camera preview, and iOS reports that it has no glances', async () => {
  const { camera } = await open({}, 'android');
  expect(camera.canGlance).toBe(true);
  (camera as VisionCamera).attach({ takeSnapshot: async () => FakeCamera.snapshot() });
  expect(camera.glance()).toBeNull();
  const glance = await untilGlance(camera);
  expect([glance.width, glance.height, glance.data.length]).toEqual([64, 48, 64 * 48]);
  expect(new Set(glance.data)).toEqual(new Set([128]));
  const ios = (await open()).camera;
  expect([ios.canGlance, ios.canBurst]).toEqual([false, false]);
});

test('a snapshot that cannot be resized does not stay in memory', async () => {
  const before = FakeCamera.openImages;
  const { camera } = await open({}, 'android');
  const snapshot = Object.assign(FakeCamera.snapshot(), {
    resizeAsync: () => Promise.reject(new Error('out of memory')),
  });
  (camera as VisionCamera).attach({ takeSnapshot: async () => snapshot });
  expect(camera.glance()).toBeNull();
  await new Promise((resolve) => setTimeout(resolve, 0));
  expect(FakeCamera.openImages).toBe(before);
});

async function untilGlance(camera: Camera) {
  for (;;) {
    await new Promise((resolve) => setTimeout(resolve, 0));
    const glance = camera.glance();
    if (glance !== null) return glance;
  }
}
