import { randomUUID } from 'node:crypto';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { createClient } from '@spinbay/client';
import type { Outbox } from '@spinbay/outbox';
import { openFileOutbox, type PhotoFile } from '@spinbay/outbox/node';
import type { Installation } from '../e2e/support/installation.ts';
import type { Photo } from './photos.ts';
import type { Random } from './random.ts';

/** A press of the shutter that the outbox has acknowledged. */
export interface Shot extends Photo {
  readonly imageId: string;
  readonly sessionId: string;
}

export interface Operator {
  readonly shots: readonly Shot[];
  /** Shoots one spin after another until the signal aborts. */
  shoot(signal: AbortSignal): Promise<void>;
  /** Describes what has not reached the server. */
  unfinished(): string[];
  stop(): Promise<void>;
}

/** A person at a turntable, with their own device and outbox. */
export async function startOperator(
  name: string,
  { api, demo }: Installation['endpoints'],
  folder: string,
  takePhoto: () => Promise<Photo>,
  random: Random,
): Promise<Operator> {
  const anonymous = createClient({ baseUrl: api });
  const { body: device } = await anonymous.authDevice({
    body: { org_id: demo.org_id, platform: 'chaos', model: name, app_version: '1' },
  });
  const client = createClient({ baseUrl: api, token: () => device.token, timeoutMs: 10_000 });
  const outbox: Outbox<PhotoFile> = await openFileOutbox({ client, folder: join(folder, name) });
  outbox.start();
  const shots: Shot[] = [];
  const site = demo.site_ids[0] ?? '';

  async function shootSpin(signal: AbortSignal): Promise<void> {
    const id = randomUUID();
    const frames = random.pick([8, 12, 24]);
    await outbox.addSession({
      id,
      site_id: site,
      vehicle: { stock: `CHAOS-${id.slice(0, 8).toUpperCase()}` },
      mode: 'studio360',
      shot_list: { studio360: { frame_count: frames } },
      created_at: new Date().toISOString(),
    });
    for (let k = 0; k < frames && !signal.aborted; k += 1) {
      const photo = await takePhoto();
      const image_id = randomUUID();
      await outbox.addPhoto({
        image_id,
        session_id: id,
        angle_deg: (k * 360) / frames,
        captured_at: new Date().toISOString(),
        content_type: 'image/jpeg',
        original: { path: photo.path, size: photo.size, sha256: photo.sha256 },
      });
      shots.push({ ...photo, imageId: image_id, sessionId: id });
      // The turntable needs time to turn.
      await sleep(random.between(300, 2_000));
    }
    await outbox.endSession({ session_id: id, status: 'completed', at: new Date().toISOString() });
  }

  return {
    shots,
    async shoot(signal) {
      while (!signal.aborted) await shootSpin(signal);
    },
    unfinished: () =>
      outbox.state().items.map((item) => {
        const { upload } = item;
        const why = upload.state === 'stuck' ? `${upload.reason} ${upload.detail ?? ''}` : JSON.stringify(upload);
        return `${name}: ${item.kind} ${item.id}: ${why}`;
      }),
    async stop() {
      await outbox.stop();
      await rm(join(folder, name), { recursive: true, force: true });
    },
  };
}
