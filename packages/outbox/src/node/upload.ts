import { createReadStream } from 'node:fs';
import { request as httpRequest, type IncomingMessage } from 'node:http';
import { request as httpsRequest } from 'node:https';
import { basename } from 'node:path';
import { pipeline } from 'node:stream';
import { text } from 'node:stream/consumers';
import { ConnectionError, UploadRefused } from '@spinbay/client';
import { BytesMissing } from '../index.ts';
import type { PhotoFile } from './file-store.ts';

interface Put {
  readonly upload_url: string;
  readonly headers: Record<string, string>;
}

/** Streams a file to its signed URL, without holding the photo in memory. */
export async function upload(
  put: Put,
  file: PhotoFile,
  onProgress: (sentBytes: number) => void,
  signal: AbortSignal,
): Promise<void> {
  const response = await send(put, file, onProgress, signal);
  const body = await text(response).catch((cause: unknown) => {
    throw unanswered(cause);
  });
  const status = response.statusCode ?? 0;
  if (status < 200 || status >= 300) throw new UploadRefused(status, body.slice(0, 4000));
  // S3 answers a PUT with an empty body. A page from a proxy or captive portal does not count as success.
  if (body !== '') throw new ConnectionError('The answer to the upload did not come from the object store.');
}

function send(put: Put, file: PhotoFile, onProgress: (sent: number) => void, signal: AbortSignal) {
  const url = new URL(put.upload_url);
  const begin = url.protocol === 'https:' ? httpsRequest : httpRequest;
  return new Promise<IncomingMessage>((resolve, reject) => {
    const request = begin(url, {
      method: 'PUT',
      headers: { ...put.headers, 'content-length': file.size },
      signal,
    });
    // A store that refuses an upload answers before it has read everything, and closes the connection. Its answer counts.
    request.on('response', resolve);
    request.on('error', (cause) => reject(signal.aborted ? cause : unanswered(cause)));
    const source = createReadStream(file.path, { end: Math.max(0, file.size - 1) });
    let sent = 0;
    source.on('data', (chunk) => {
      sent += chunk.length;
      onProgress(sent);
    });
    const fail = (error: BytesMissing) => {
      reject(error);
      request.destroy();
    };
    source.on('error', (cause) => fail(new BytesMissing('The file can no longer be read.', { cause })));
    // The store would wait for the missing bytes.
    source.on('end', () => {
      if (sent < file.size) fail(new BytesMissing(truncated(file, sent)));
    });
    pipeline(source, request, () => undefined);
  });
}

function truncated({ path, size }: PhotoFile, found: number): string {
  return `The file ${basename(path)} has only ${found} of its ${size} bytes. It was changed after it was added.`;
}

function unanswered(cause: unknown): ConnectionError {
  const code = (cause as NodeJS.ErrnoException).code ?? String(cause);
  return new ConnectionError(`The object store does not answer (${code}).`, { cause });
}
