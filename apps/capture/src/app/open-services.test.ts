import { randomUUID } from 'node:crypto';
import { defaultQcThresholds } from '@spinbay/contracts';
import { type Outbox, StorageFull } from '@spinbay/outbox';
import { expect, test } from 'vitest';
import type { Picture } from '../platform/picture.ts';
import type { Platform } from '../platform/platform.tsx';
import { openServices } from './open-services.ts';

test('the app starts on a full device and sends, because that frees storage', async () => {
  const full = () => Promise.reject(new StorageFull('There is no room left on this device.'));
  const store = { get: async () => undefined, set: full };
  const platform = { store, secrets: store, onNetwork: () => () => undefined, isOnline: () => true };
  let starts = 0;
  const outbox = { settings: full, addEvent: full, start: () => void starts++, state: () => ({ items: [] }) };
  await openServices({
    platform: platform as unknown as Platform,
    config: { api_url: 'http://127.0.0.1:1', org_id: randomUUID(), site_id: null, qc: defaultQcThresholds },
    appVersion: '1.0.0',
    openOutbox: async () => outbox as unknown as Outbox<Picture>,
  });
  expect(starts).toBe(1);
});
