import { hexToBase64 } from '@spinbay/contracts';
import type { UrlSigner } from './sign-url.ts';

export interface PutConditions {
  readonly contentType: string;
  /** The SHA-256 of the bytes in hex. The store rejects other bytes. */
  readonly sha256Hex: string;
  /** The length in bytes. If left out, only the digest determines it. */
  readonly contentLength?: number | undefined;
  /** At most 10 tags, as in S3. A value has up to 256 letters, digits, spaces and `+ - = . _ : / @`. */
  readonly tags: Readonly<Record<string, string>>;
  /** Default: 900. */
  readonly expiresInSeconds?: number;
}

export interface SignedPut {
  readonly url: string;
  /** The headers that the client must send. It must not send other `x-amz-*` headers. Browsers add Content-Length. */
  readonly headers: Record<string, string>;
  readonly expiresAt: Date;
}

/**
 * Signs the upload of exactly these bytes. If the temporary credentials of a role expire before `expiresAt`, the URL expires
 * with them. The client then presigns again, as after any expiry.
 */
export function signPut(
  { sign }: UrlSigner,
  key: string,
  { contentType, sha256Hex, contentLength, tags, expiresInSeconds = 900 }: PutConditions,
  now: Date,
): SignedPut {
  const checksum = hexToBase64(sha256Hex);
  const tagging = Object.entries(tags)
    .map(([name, value]) => `${encodeURIComponent(name)}=${encodeURIComponent(value)}`)
    .join('&');
  const headers = {
    'content-type': contentType,
    'x-amz-checksum-sha256': checksum,
    ...(tagging === '' ? {} : { 'x-amz-tagging': tagging }),
  };
  // Checksum and tags are signed headers: S3 ignores them in a query and does not check unsigned headers.
  const url = sign({
    method: 'PUT',
    key,
    signedAt: now,
    expiresInSeconds,
    headers: contentLength === undefined ? headers : { ...headers, 'content-length': String(contentLength) },
  });
  // The date of a signature has a resolution of one second.
  const signedAt = Math.floor(now.getTime() / 1000) * 1000;
  return {
    url,
    headers,
    expiresAt: new Date(signedAt + expiresInSeconds * 1000),
  };
}
