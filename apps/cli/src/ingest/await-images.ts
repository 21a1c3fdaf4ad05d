import { setTimeout as sleep } from 'node:timers/promises';
import type { Client } from '@spinbay/client';
import type { Image, ImageId, SessionId } from '@spinbay/contracts';
import { isRetryable, pauseAfter, retry } from './retry.ts';

/** The wait ends when no original was measured for this long. */
const stallTimeoutMs = 300_000;
const pollMs = 500;

/**
 * Polls until the original of every frame is measured, or until five minutes have passed since the last one was.
 * @returns all images of the session by id
 */
export async function awaitImages(
  client: Client,
  sessionId: SessionId,
  waiting: ReadonlySet<ImageId>,
  onSeen: (seen: number) => void,
): Promise<ReadonlyMap<ImageId, Image>> {
  const images = new Map<ImageId, Image>();
  let etag: string | undefined;
  let seen = -1;
  let lastChange = Date.now();
  let failures = 0;
  while (true) {
    let pause = pollMs;
    try {
      const changed = await readImages(client, sessionId, etag);
      etag = changed?.etag ?? etag;
      for (const image of changed?.items ?? []) images.set(image.id, image);
      failures = 0;
    } catch (error) {
      // Waits for an unavailable server in the same way as for a busy worker.
      if (!isRetryable(error)) throw error;
      failures += 1;
      pause = Math.max(pollMs, pauseAfter(error, failures));
    }
    const ready = [...waiting].filter((id) => finalStatus(images.get(id)) !== 'pending').length;
    if (ready !== seen) {
      seen = ready;
      lastChange = Date.now();
      onSeen(seen);
    }
    if (seen === waiting.size || Date.now() - lastChange > stallTimeoutMs) return images;
    await sleep(pause);
  }
}

/**
 * The status of an image after its original was measured. An image that shows only its preview counts as pending, unless
 * its original was rejected.
 */
export function finalStatus(image: Image | null | undefined): Image['status'] {
  if (image == null) return 'pending';
  const { status, shown_upload, original_state } = image;
  return shown_upload === 'preview' && original_state !== 'rejected' ? 'pending' : status;
}

/** The images of a session, including superseded ones. */
export async function listAllImages(client: Client, sessionId: SessionId): Promise<readonly Image[]> {
  return (await retry(() => readImages(client, sessionId, undefined)))?.items ?? [];
}

/** @returns null if nothing has changed since `etag` */
async function readImages(client: Client, session_id: SessionId, etag: string | undefined) {
  const limit = 200;
  const query = { session_id, superseded: 'true', limit };
  const first = await client.listImages({ query }, etag === undefined ? {} : { headers: { 'if-none-match': etag } });
  if (first.body === null) return null;
  const items = [...first.body.items];
  while (items.length < first.body.total) {
    const more = await client.listImages({ query: { ...query, offset: items.length } });
    if (more.body === null || more.body.items.length === 0) break;
    items.push(...more.body.items);
  }
  return { etag: first.headers.etag, items };
}
