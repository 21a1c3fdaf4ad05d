import { createHash, randomUUID } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { ApiError, createClient, uploadFrame } from '@spinbay/client';
import { ImageId, SessionId, SiteId } from '@spinbay/contracts';
import sharp from 'sharp';
import { withComment } from '../../tests/chaos/photos.ts';
import type { Installation } from '../../tests/e2e/support/installation.ts';

/** A frame of the sample spin: its original, and the preview that the app makes of it. */
export interface Photo {
  readonly original: Buffer;
  readonly preview: Buffer;
}

export const framesPerSpin = 24;

/** @param width of the originals. Default: the width of the files */
export async function readPhotos(folder: string, width?: number): Promise<Photo[]> {
  const names = (await readdir(folder)).filter((name) => name.endsWith('.jpg')).sort();
  const photos: Photo[] = [];
  for (const name of names) {
    const file = await readFile(join(folder, name));
    const original = width === undefined ? file : await sharp(file).resize(width).jpeg({ quality: 90 }).toBuffer();
    photos.push({ original, preview: await sharp(original).resize(1280).jpeg({ quality: 80 }).toBuffer() });
  }
  return photos;
}

export interface Operator {
  /** @returns the id of a new session */
  begin(): Promise<string>;
  /** Sends a frame as the app does: the preview, then the original. */
  shoot(sessionId: string, frame: number): Promise<void>;
}

/** Enrols a separate device, like a phone. */
export async function enrolOperator({ endpoints }: Installation, photos: readonly Photo[]): Promise<Operator> {
  const { api, demo } = endpoints;
  const token = await retryWhileRateLimited(async () => {
    const body = { org_id: demo.org_id, platform: 'bench', model: 'load', app_version: '1' };
    return (await createClient({ baseUrl: api }).authDevice({ body })).body.token;
  });
  const client = createClient({ baseUrl: api, token: () => token, timeoutMs: 120_000 });
  return {
    async begin() {
      const { body } = await client.createSession({
        body: {
          site_id: SiteId.parse(demo.site_ids[0]),
          vehicle: { stock: `LOAD-${randomUUID().slice(0, 8).toUpperCase()}` },
          mode: 'studio360',
          shot_list: { studio360: { frame_count: framesPerSpin } },
        },
      });
      return body.id;
    },
    async shoot(sessionId, frame) {
      const imageId = randomUUID();
      const photo = photos[frame % photos.length];
      if (photo === undefined) throw new Error('there are no photos');
      const captured_at = new Date().toISOString();
      for (const kind of ['preview', 'original'] as const) {
        const bytes = new Uint8Array(withComment(photo[kind], `${imageId} ${kind}`));
        const { body } = await retryWhileRateLimited(() =>
          client.presignImage({
            body: {
              session_id: SessionId.parse(sessionId),
              image_id: ImageId.parse(imageId),
              file_name: `${imageId}.jpg`,
              content_type: 'image/jpeg',
              content_length: bytes.length,
              content_sha256: createHash('sha256').update(bytes).digest('hex'),
              angle_deg: (frame * 360) / framesPerSpin,
              captured_at,
              kind,
            },
          }),
        );
        await uploadFrame(body, bytes);
      }
    },
  };
}

/** Many devices at one address reach a rate limit. Like an app, this waits for as long as the API asks. */
async function retryWhileRateLimited<Result>(call: () => Promise<Result>): Promise<Result> {
  for (;;) {
    try {
      return await call();
    } catch (error) {
      if (!(error instanceof ApiError) || error.status !== 429) throw error;
      await sleep((error.retryAfter ?? 1) * 1000);
    }
  }
}
