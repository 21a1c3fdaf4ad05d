import type { Outbox } from '@spinbay/outbox';
import type { Platform } from '../../platform/platform.tsx';
import type { DeviceAuth } from '../auth/device-auth.ts';
import { recordEvent } from './record-event.ts';

/**
 * Reports when the app starts, loses the network and gets it back. The events wait in the outbox with their times, so the
 * server later learns how long the device was offline.
 */
export async function reportConnection(
  outbox: Pick<Outbox, 'addEvent' | 'state'>,
  auth: Pick<DeviceAuth, 'state'>,
  platform: Pick<Platform, 'onNetwork' | 'isOnline'>,
  appVersion: string,
): Promise<void> {
  const report = async (type: string, meta: Record<string, unknown>) => {
    const device = auth.state();
    if (device.status === 'none') return;
    const at = new Date().toISOString();
    await recordEvent(outbox, { entity_type: 'device', entity_id: device.deviceId, type, meta, at });
  };
  const waiting = () => outbox.state().items.filter(({ kind }) => kind === 'photo').length;
  let online = platform.isOnline();
  platform.onNetwork(() => {
    if (platform.isOnline() === online) return;
    online = platform.isOnline();
    void report(online ? 'app.online' : 'app.offline', { photos_waiting: waiting() });
  });
  await report('app.started', { app_version: appVersion, online, photos_waiting: waiting() });
}
