import { hexToBase64 } from '@spinbay/contracts';
import type { UrlSigner } from './sign-url.ts';

export interface PutConditions {
  readonly contentType: string;
  /** SHA-256 of the bytes in hex: the store takes no others. */
  readonly sha256Hex: string;
  /** Bytes. Left out: the store takes any number that fits the digest. */
  readonly contentLength?: number | undefined;
  /** At most 10, as S3 has it; a value of up to 256 letters, digits, blanks and `+ - = . _ : / @`. */
  readonly tags: Readonly<Record<string, string>>;
  readonly expiresInSeconds?: number;
}

export interface SignedPut {
  readonly url: string;
  /** All headers that the client must send, and no other `x-amz-*`. A browser adds Content-Length by itself. */
  readonly headers: Record<string, string>;
  readonly expiresAt: Date;
}

/**
 * Signs the upload of exactly these bytes. With a role's temporary credentials the URL ends when they do, should that
 * be before `expiresAt`: the client then presigns anew, as after any expiry.
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
  // Checksum and tags as headers, all of them signed: S3 looks at neither in a query, and takes anything for what is not.
  const url = sign({
    method: 'PUT',
    key,
    signedAt: now,
    expiresInSeconds,
    headers: contentLength === undefined ? headers : { ...headers, 'content-length': String(contentLength) },
  });
  // A signature's date has whole seconds.
  const signedAt = Math.floor(now.getTime() / 1000) * 1000;
  return {
    url,
    headers,
    expiresAt: new Date(signedAt + expiresInSeconds * 1000),
  };
}
