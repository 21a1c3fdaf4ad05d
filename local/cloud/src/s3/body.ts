import { type Digest, digestOf, type ExpectedChecksum, findChecksum } from './checksums.ts';
import { S3Error } from './errors.ts';
import { header, type S3Request } from './request.ts';

export interface Body {
  /** The decoded bytes. If they can be read to the end without an error, length, signature and all checksums are valid. */
  readonly bytes: AsyncIterable<Buffer>;
  /** The length that the client declares, in bytes. */
  readonly length: number;
  /** Call after the end of `bytes`. */
  digests(): BodyDigests;
}

interface BodyDigests {
  readonly size: number;
  /** In hex. */
  readonly md5: string;
  /** The verified checksum of the client. */
  readonly checksum: ExpectedChecksum | undefined;
}

const hexHash = /^[0-9a-f]{64}$/;

/**
 * Checks the headers of a request and prepares its body for reading.
 * @param limit the maximum length, in bytes
 * @throws S3Error if a header is invalid or the body is too long
 */
export function openBody(request: S3Request, limit: number): Body {
  const { payload } = request.auth;
  if (payload !== 'UNSIGNED-PAYLOAD' && !hexHash.test(payload)) {
    throw new S3Error(
      'NotImplemented',
      'x-amz-content-sha256 must be UNSIGNED-PAYLOAD or a hex SHA-256: this server does not support aws-chunked bodies.',
    );
  }
  const length = announcedLength(request);
  if (length > limit)
    throw new S3Error('EntityTooLarge', `Your proposed upload exceeds the maximum allowed size of ${limit} bytes.`);

  const given = findChecksum((name) => header(request, name), request.wire.headers.keys());
  const expectedMd5 = readContentMd5(request);

  const md5 = digestOf('MD5');
  const checksum = given ? digestOf(given.algorithm) : undefined;
  const sha256 = hexHash.test(payload) ? digestOf('SHA256') : undefined;
  const digests: Digest[] = [md5, ...(checksum ? [checksum] : []), ...(sha256 ? [sha256] : [])];
  let result: BodyDigests | undefined;

  async function* read(): AsyncGenerator<Buffer> {
    request.askForBody();
    // A refusal in the middle must leave the connection open, so that the client can read the reason.
    const raw: AsyncIterable<Buffer> = request.incoming.iterator({ destroyOnReturn: false });
    let size = 0;
    for await (const chunk of raw) {
      size += chunk.length;
      if (size > length) throw new S3Error('IncompleteBody', 'The body is longer than its declared length.');
      for (const digest of digests) digest.update(chunk);
      yield chunk;
    }
    if (size !== length)
      throw new S3Error('IncompleteBody', 'You did not provide the number of bytes specified by the headers.');
    const actualMd5 = md5.end();
    if (expectedMd5 && !actualMd5.equals(expectedMd5)) {
      throw new S3Error('BadDigest', 'The Content-MD5 you specified did not match what we received.');
    }
    if (sha256 && sha256.end().toString('hex') !== payload) {
      throw new S3Error(
        'XAmzContentSHA256Mismatch',
        "The provided 'x-amz-content-sha256' header does not match what was computed.",
      );
    }
    if (checksum && given && checksum.end().toString('base64') !== given.value) {
      throw new S3Error('BadDigest', `The ${given.algorithm} you specified did not match the calculated checksum.`);
    }
    result = { size, md5: actualMd5.toString('hex'), checksum: given };
  }

  return {
    bytes: read(),
    length,
    digests: () => {
      if (!result) throw new Error('the body was not read to the end');
      return result;
    },
  };
}

/** Reads a small XML body. */
export async function readText(request: S3Request, limit: number): Promise<string> {
  const body = openBody(request, limit);
  const chunks: Buffer[] = [];
  for await (const chunk of body.bytes) chunks.push(chunk);
  return Buffer.concat(chunks).toString('utf8');
}

function announcedLength(request: S3Request): number {
  const text = header(request, 'content-length');
  if (text === undefined) throw new S3Error('MissingContentLength', 'You must provide the content-length HTTP header.');
  if (!/^\d{1,15}$/.test(text)) throw new S3Error('InvalidArgument', 'content-length must be a whole number.');
  return Number(text);
}

function readContentMd5(request: S3Request): Buffer | undefined {
  const text = header(request, 'content-md5');
  if (text === undefined) return undefined;
  const bytes = Buffer.from(text, 'base64');
  if (bytes.length !== 16) throw new S3Error('InvalidDigest', 'The Content-MD5 you specified was invalid.');
  return bytes;
}
