import { createHash } from 'node:crypto';
import { open, rm } from 'node:fs/promises';
import { Readable } from 'node:stream';
import { GetObjectCommand } from '@aws-sdk/client-s3';
import type { Connection } from './connection.ts';
import { ObjectTooLarge } from './errors.ts';

export interface Downloaded {
  /** In bytes. */
  readonly size: number;
  /** The digest of the file, computed while it was received. */
  readonly sha256Hex: string;
  readonly contentType: string | null;
  /** When the object was stored, with a resolution of one second. */
  readonly lastModified: Date | null;
}

/**
 * A photo arrives in about 50 chunks of 64 KB, and each write is a round trip to another thread. Larger writes avoid most of
 * these round trips.
 */
const bytesPerWrite = 1 << 20;

/**
 * The time limit of a download, as a multiple of the stall limit. Without it, a store that trickles bytes could hold a
 * download forever.
 */
const downloadStallFactor = 15;

/** Writes the object to a new file with mode 0600. On an error, the file is removed. */
export async function download(
  connection: Connection,
  key: string,
  toFile: string,
  { signal, maxBytes }: { signal?: AbortSignal; maxBytes: number },
): Promise<Downloaded> {
  const { client, bucket, stalledAfterMs, call } = connection;
  const file = await open(toFile, 'wx', 0o600);
  let body: Readable | undefined;
  let timeLimit: NodeJS.Timeout | undefined;
  try {
    const reply = await call(key, signal, () =>
      client.send(new GetObjectCommand({ Bucket: bucket, Key: key }), signal ? { abortSignal: signal } : {}),
    );
    if (!(reply.Body instanceof Readable))
      throw new TypeError('The body of the GetObject response is not a Node stream.');
    body = reply.Body;
    const late = Object.assign(new Error('the download takes too long'), { code: 'ETIMEDOUT' });
    timeLimit = setTimeout(() => body?.destroy(late), downloadStallFactor * stalledAfterMs);
    const expected = reply.ContentLength;
    if (expected !== undefined && expected > maxBytes) throw new ObjectTooLarge(key, maxBytes);

    const hash = createHash('sha256');
    const chunks: AsyncIterator<Buffer> = body[Symbol.asyncIterator]();
    let size = 0;
    let unwritten: Buffer[] = [];
    let unwrittenBytes = 0;
    const write = async () => {
      await file.writeFile(Buffer.concat(unwritten));
      unwritten = [];
      unwrittenBytes = 0;
    };
    // Reads and writes separately, so that a network error and a disk error (such as a full disk) can be distinguished.
    for (;;) {
      const { done, value } = await call(key, signal, () => chunks.next());
      if (done) break;
      size += value.length;
      if (size > maxBytes) throw new ObjectTooLarge(key, maxBytes);
      hash.update(value);
      unwritten.push(value);
      unwrittenBytes += value.length;
      if (unwrittenBytes >= bytesPerWrite) await write();
    }
    await write();
    await call(key, signal, async () => {
      if (expected !== undefined && size !== expected) throw new Error(`ended after ${size} of ${expected} bytes`);
    });
    await file.close();
    return {
      size,
      sha256Hex: hash.digest('hex'),
      contentType: reply.ContentType ?? null,
      lastModified: reply.LastModified ?? null,
    };
  } catch (error) {
    // Unread bytes would keep the connection busy.
    body?.destroy();
    await file.close();
    await rm(toFile, { force: true });
    throw error;
  } finally {
    clearTimeout(timeLimit);
  }
}
