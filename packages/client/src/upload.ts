import { ConnectionError, reasonOf } from './client.ts';

/** What to do about the refusals that an operator can do something about. */
const hints: Readonly<Record<string, string>> = {
  BadDigest: 'The file changed while it was sent: send it again.',
  InsufficientStorage: 'Its disk is full: tell whoever runs this installation.',
  NoSuchBucket: 'Its bucket is missing: tell whoever runs this installation ("npx spinbay doctor" there says more).',
  RequestTimeTooSkewed: 'The clocks of this device and of the store differ: set the time.',
};

/** The object store refused the bytes; `status` 403 with an expired URL asks for a new presign. */
export class UploadRefused extends Error {
  override readonly name = 'UploadRefused';
  readonly status: number;
  /** The S3 error code, e.g. `AccessDenied` or `BadDigest`, where the reply has one. */
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
  readonly timeoutMs?: number;
  readonly fetch?: typeof fetch;
}

/**
 * Puts the bytes of a frame to its signed URL, with exactly the headers that the presign named.
 * @throws UploadRefused, or ConnectionError where no answer came
 */
export async function uploadFrame(
  target: { upload_url: string; headers: Record<string, string> },
  bytes: Blob | Uint8Array<ArrayBuffer>,
  options: UploadOptions = {},
): Promise<void> {
  const timeout = AbortSignal.timeout(options.timeoutMs ?? 300_000);
  const signal = options.signal ? AbortSignal.any([options.signal, timeout]) : timeout;
  let response: Response;
  let body: string;
  try {
    response = await (options.fetch ?? fetch)(target.upload_url, {
      method: 'PUT',
      headers: target.headers,
      body: bytes,
      signal,
    });
    body = await response.text();
  } catch (error) {
    if (options.signal?.aborted) throw error;
    throw new ConnectionError(`the object store does not answer (${reasonOf(error)}).`, { cause: error });
  }
  if (!response.ok) throw new UploadRefused(response.status, body.slice(0, 4000));
  // S3 answers a PUT without a body. A page that a proxy or a captive portal made is not "uploaded".
  if (body !== '') throw new ConnectionError('something between here and the object store took the upload.');
}
