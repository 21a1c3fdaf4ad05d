import { createHash } from 'node:crypto';
import { open, rm } from 'node:fs/promises';
import { Readable } from 'node:stream';
import { GetObjectCommand } from '@aws-sdk/client-s3';
import type { Connection } from './connection.ts';
import { ObjectTooLarge } from './errors.ts';

export interface Downloaded {
  /** Bytes. */
  readonly size: number;
  /** Of the bytes in the file, hashed while they came. */
  readonly sha256Hex: string;
  readonly contentType: string | null;
  /** When the object arrived in the bucket, to the second. */
  readonly lastModified: Date | null;
}

/** Chunks of a socket have 64 KB: a photo takes some 50 of them, each write a round trip to another thread. */
const bytesPerWrite = 1 << 20;

/** In units of the longest pause: a store that sends a byte now and then would otherwise hold a download for ever. */
const longestDownload = 15;

/** Writes the object to a new file (mode 0600) that is complete when this returns and gone when it throws. */
export async function download(
  connection: Connection,
  key: string,
  toFile: string,
  { signal, maxBytes }: { signal?: AbortSignal; maxBytes: number },
): Promise<Downloaded> {
  const { client, bucket, stalledAfterMs, call } = connection;
  const file = await open(toFile, 'wx', 0o600);
  let body: Readable | undefined;
  let whole: NodeJS.Timeout | undefined;
  try {
    const reply = await call(key, signal, () =>
      client.send(new GetObjectCommand({ Bucket: bucket, Key: key }), signal ? { abortSignal: signal } : {}),
    );
    if (!(reply.Body instanceof Readable)) throw new TypeError('The reply to GetObject is no Node stream.');
    body = reply.Body;
    const late = Object.assign(new Error('the download takes too long'), { code: 'ETIMEDOUT' });
    whole = setTimeout(() => body?.destroy(late), longestDownload * stalledAfterMs);
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
    // Step by step, so that a fault of the network and one of the disk (full, say) stay apart.
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
    // Bytes that nobody reads would keep the connection busy.
    body?.destroy();
    await file.close();
    await rm(toFile, { force: true });
    throw error;
  } finally {
    clearTimeout(whole);
  }
}
