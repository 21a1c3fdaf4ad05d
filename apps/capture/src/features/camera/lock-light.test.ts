import { type LocalEvent, StorageFull } from '@spinbay/outbox';
import { expect, test } from 'vitest';
import type { CameraLock } from '../../platform/camera.ts';
import { lockLight } from './lock-light.ts';

const locked: CameraLock = { exposure: 'locked', white_balance: 'unsupported' };
const camera = { label: 'Back', width: 4000, height: 3000, lock: async () => locked };

test('the light is locked, and the result is recorded', async () => {
  const events: LocalEvent[] = [];
  const outbox = { addEvent: async (event: LocalEvent) => void events.push(event) };
  expect(await lockLight(camera, outbox, 'session')).toEqual(locked);
  const meta = { ...locked, camera: 'Back', width: 4000, height: 3000 };
  expect(events).toMatchObject([{ entity_id: 'session', type: 'capture.lock', meta }]);
});

test('the light is locked even if the device has no storage left for the event', async () => {
  const outbox = { addEvent: () => Promise.reject(new StorageFull('There is no room left on this device.')) };
  expect(await lockLight(camera, outbox, 'session')).toEqual(locked);
});

test('an error of the camera is returned as a failed lock', async () => {
  const broken = { ...camera, lock: () => Promise.reject(new Error('disconnected')) };
  const outbox = { addEvent: async () => undefined };
  expect(await lockLight(broken, outbox, 'session')).toEqual({ exposure: 'failed', white_balance: 'failed' });
});
