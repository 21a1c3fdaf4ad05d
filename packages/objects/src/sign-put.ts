import { PutObjectCommand } from '@aws-sdk/client-s3';
import { getSignedUrl } from '@aws-sdk/s3-request-presigner';
import { hexToBase64 } from '@spinbay/contracts';
import type { Connection } from './connection.ts';

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
export async function signPut(
  { client, bucket }: Connection,
  key: string,
  { contentType, sha256Hex, contentLength, tags, expiresInSeconds = 900 }: PutConditions,
  now: Date,
): Promise<SignedPut> {
  const checksum = hexToBase64(sha256Hex);
  const tagging = Object.entries(tags)
    .map(([name, value]) => `${encodeURIComponent(name)}=${encodeURIComponent(value)}`)
    .join('&');
  const command = new PutObjectCommand({
    Bucket: bucket,
    Key: key,
    ContentType: contentType,
    ContentLength: contentLength,
    ChecksumSHA256: checksum,
    Tagging: tagging || undefined,
  });
  const url = await getSignedUrl(client, command, {
    expiresIn: expiresInSeconds,
    signingDate: now,
    // The presigner would move these two into the query, where S3 looks at neither.
    unhoistableHeaders: new Set(['x-amz-checksum-sha256', 'x-amz-tagging']),
    // And it would leave these two unsigned, so that anything could be sent in their place.
    signableHeaders: new Set(['content-type', ...(contentLength === undefined ? [] : ['content-length'])]),
  });
  // A signature's date has whole seconds.
  const signedAt = Math.floor(now.getTime() / 1000) * 1000;
  return {
    url,
    headers: {
      'content-type': contentType,
      'x-amz-checksum-sha256': checksum,
      ...(tagging === '' ? {} : { 'x-amz-tagging': tagging }),
    },
    expiresAt: new Date(signedAt + expiresInSeconds * 1000),
  };
}
