import { ConnectionError, reasonOf } from './client.ts';
import { startDeadline } from './deadline.ts';

/** Hints for refusals that an operator can resolve, by S3 error code. */
const hints: Readonly<Record<string, string>> = {
  BadDigest: 'The file changed during the upload. Send it again.',
  InsufficientStorage: 'Its disk is full. Tell the administrator of this installation.',
  NoSuchBucket: 'Its bucket is missing. Ask the administrator of this installation to run "npx spinbay doctor".',
  RequestTimeTooSkewed: 'The clocks of this device and of the store differ. Set the time.',
};

/** The object store refused the upload. Status 403 may mean that the URL has expired: presign again. */
export class UploadRefused extends Error {
  override readonly name = 'UploadRefused';
  readonly status: number;
  /** The S3 error code, e.g. `AccessDenied` or `BadDigest`, if the reply has one. */
  readonly code: string | null;

  constructor(status: number, body: string) {
    const code = /<Code>([^<]{1,100})<\/Code>/.exec(body)?.[1] ?? null;
    const hint = code === null ? undefined : hints[code];
    super(
      `The object store refused the upload: ${status}${code === null ? '' : ` ${code}`}.${hint === undefined ? '' : ` ${hint}`}`,
    );
    this.status = status;
    this.code = code;
  }
}

export interface UploadOptions {
  readonly signal?: AbortSignal;
  /** In milliseconds. Default: 300,000. */
  readonly timeoutMs?: number;
  readonly fetch?: typeof fetch;
}

/**
 * Uploads the bytes of a frame to its signed URL with exactly the signed headers.
 * @throws UploadRefused, ConnectionError if the store gave no valid answer, or the reason of the signal if the caller aborts
 */
export async function uploadFrame(
  target: { upload_url: string; headers: Record<string, string> },
  bytes: Blob | Uint8Array<ArrayBuffer>,
  options: UploadOptions = {},
): Promise<void> {
  const deadline = startDeadline(options.timeoutMs ?? 300_000, options.signal);
  let response: Response;
  let body: string;
  try {
    response = await (options.fetch ?? fetch)(target.upload_url, {
      method: 'PUT',
      headers: target.headers,
      body: bytes,
      // The store never redirects. Following the redirect of a captive portal would send the photo to another host.
      redirect: 'error',
      signal: deadline.signal,
    });
    body = await response.text();
  } catch (error) {
    if (options.signal?.aborted) throw error;
    throw new ConnectionError(`The object store does not answer (${reasonOf(error)}).`, { cause: error });
  } finally {
    deadline.end();
  }
  if (!response.ok) throw new UploadRefused(response.status, body.slice(0, 4000));
  // S3 answers a PUT with an empty body. A page from a proxy or captive portal does not count as success.
  if (body !== '') throw new ConnectionError('The answer to the upload did not come from the object store.');
}
