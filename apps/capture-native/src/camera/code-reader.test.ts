import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Camera } from '@spinbay/capture/platform/camera.ts';
import { FakeBarcodeScanner, FakeCamera } from '../testing/fake-camera';
import { openNodeFolder } from '../testing/node-folder';
import { androidCodeOutput, type CreateCodeOutput, iosCodeOutput } from './code-outputs';
import { nativeCodeReader } from './code-reader';
import { createDarkroom } from './darkroom';
import { visionCamera } from './vision-camera';

let disk: string;
beforeEach(() => {
  disk = mkdtempSync(join(tmpdir(), 'spinbay-codes-'));
});
afterEach(() => rmSync(disk, { recursive: true, force: true }));

const vin = '1HGCM82633A004352';
const systems = ['ios', 'android'] as const;

async function open(os: 'ios' | 'android') {
  const fake = new FakeCamera();
  const scanner = new FakeBarcodeScanner();
  const darkroom = createDarkroom({
    folder: openNodeFolder(disk),
    newId: () => 'photo',
    write: () => undefined,
    measure: async () => null,
  });
  const camera = await visionCamera({ factory: fake.factory, darkroom, os }).open(null);
  const create = os === 'ios' ? iosCodeOutput(fake.factory) : androidCodeOutput(scanner.createOutput);
  const reader = await nativeCodeReader(async () => create).open();
  if (reader === null) throw new Error('there is no reader');
  const show = (...texts: (string | undefined)[]) => (os === 'ios' ? fake.showCodes(texts) : scanner.show(texts));
  return { fake, scanner, camera, reader, show };
}

describe.each(systems)('codes on %s', (os) => {
  test('are read from the pictures of the camera, and each reading is returned once', async () => {
    const { camera, reader, show } = await open(os);
    expect(await reader.read(camera)).toEqual([]);
    show(vin, 'https://example.com');
    expect(await reader.read(camera)).toEqual([vin, 'https://example.com']);
    expect(await reader.read(camera)).toEqual([]);
    show(vin);
    show();
    expect(await reader.read(camera)).toEqual([vin]);
  });

  test('without a text do not count', async () => {
    const { camera, reader, show } = await open(os);
    await reader.read(camera);
    show(undefined);
    expect(await reader.read(camera)).toEqual([]);
  });

  test('are read through one more output of the camera, which stays connected when the quality changes', async () => {
    const { fake, camera, reader, show } = await open(os);
    await reader.read(camera);
    await reader.read(camera);
    expect(fake.outputs.map((outputs) => outputs.length)).toEqual([2, 3]);
    await camera.shoot({ quality: 0.8, previewSide: 1280, frames: 1 });
    expect(fake.outputs.at(-1)).toHaveLength(3);
    show(vin);
    expect(await reader.read(camera)).toEqual([vin]);
  });

  test('are read from a camera that was opened again', async () => {
    const first = await open(os);
    await first.reader.read(first.camera);
    first.camera.close();
    const second = await open(os);
    expect(await first.reader.read(second.camera)).toEqual([]);
    first.show(vin);
    expect(await first.reader.read(second.camera)).toEqual([vin]);
  });

  test('are not read from a camera of another kind', async () => {
    const { reader } = await open(os);
    expect(await reader.read({} as Camera)).toEqual([]);
  });

  test('are those on stickers, plates and papers of cars', async () => {
    const { fake, scanner, camera, reader } = await open(os);
    await reader.read(camera);
    const asked = os === 'ios' ? fake.codeTypes : scanner.formats;
    expect([...asked].sort()).toEqual(['code-128', 'code-39', 'data-matrix', os === 'ios' ? 'qr' : 'qr-code']);
  });
});

test('a system that cannot read codes after all is reported, until it reads one', async () => {
  const { camera, reader, scanner } = await open('android');
  await reader.read(camera);
  scanner.fail(new Error('the model is missing'));
  await expect(reader.read(camera)).rejects.toThrow('the model is missing');
  scanner.show([vin]);
  expect(await reader.read(camera)).toEqual([vin]);
});

test('a phone that lacks the library has no reader, and the log says why', async () => {
  const warn = jest.spyOn(console, 'warn').mockReturnValue();
  const error = new Error('BarcodeScannerFactory is not registered');
  expect(await nativeCodeReader(() => Promise.reject<CreateCodeOutput>(error)).open()).toBeNull();
  expect(warn.mock.calls).toEqual([['This phone cannot read barcodes.', error]]);
  warn.mockRestore();
});
