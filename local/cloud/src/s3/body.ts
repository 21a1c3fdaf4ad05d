import { ChunkError, decodeChunked } from '../sigv4/chunked.ts';
import type { ChecksumAlgorithm } from '../store/objects.ts';
import {
  algorithms,
  checksumHeaders,
  type Digest,
  digestOf,
  type ExpectedChecksum,
  findChecksum,
  readAlgorithm,
} from './checksums.ts';
import { S3Error } from './errors.ts';
import { header, type S3Request } from './request.ts';

export interface Body {
  /** The bytes, decoded. Reading to the end without an error means: length, signature and all checksums are right. */
  readonly bytes: AsyncIterable<Buffer>;
  /** Bytes that the client announces. */
  readonly length: number;
  /** To be called after the end of `bytes`. */
  digests(): BodyDigests;
}

interface BodyDigests {
  readonly size: number;
  /** Hex. */
  readonly md5: string;
  /** The checksum that the client gave, now verified. */
  readonly checksum: ExpectedChecksum | undefined;
}

const hexHash = /^[0-9a-f]{64}$/;

interface Streaming {
  readonly signed: boolean;
  readonly trailer: boolean;
}

/** Values of x-amz-content-sha256 that mean aws-chunked. */
const streamings: Readonly<Record<string, Streaming>> = {
  'STREAMING-AWS4-HMAC-SHA256-PAYLOAD': { signed: true, trailer: false },
  'STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER': { signed: true, trailer: true },
  'STREAMING-UNSIGNED-PAYLOAD-TRAILER': { signed: false, trailer: true },
};

/** Makes ready to read the body of a request, having checked all that its headers say about it. */
export function openBody(request: S3Request, limit: number): Body {
  const { payload } = request.auth;
  const streaming = payload.startsWith('STREAMING-') ? streamings[payload] : undefined;
  if (!streaming && payload !== 'UNSIGNED-PAYLOAD' && !hexHash.test(payload)) {
    throw new S3Error(
      'InvalidArgument',
      `x-amz-content-sha256 must be UNSIGNED-PAYLOAD, ${Object.keys(streamings).join(', ')} or a hex SHA-256.`,
    );
  }
  const length = announcedLength(request, streaming);
  if (length > limit)
    throw new S3Error('EntityTooLarge', `Your proposed upload exceeds the maximum allowed size of ${limit} bytes.`);

  const given = findChecksum((name) => header(request, name), request.wire.headers.keys());
  const trailing = streaming?.trailer ? trailingAlgorithm(request) : undefined;
  if (given && trailing) throw new S3Error('InvalidRequest', 'Give one checksum, as a header or as a trailer.');
  const expectedMd5 = readContentMd5(request);

  const md5 = digestOf('MD5');
  const algorithm = given?.algorithm ?? trailing;
  const checksum = algorithm ? digestOf(algorithm) : undefined;
  const sha256 = hexHash.test(payload) ? digestOf('SHA256') : undefined;
  const digests: Digest[] = [md5, ...(checksum ? [checksum] : []), ...(sha256 ? [sha256] : [])];
  let result: BodyDigests | undefined;

  async function* read(): AsyncGenerator<Buffer> {
    request.askForBody();
    let expected = given;
    // A refusal in the middle must leave the connection open: the client is still to read why.
    const raw: AsyncIterable<Buffer> = request.incoming.iterator({ destroyOnReturn: false });
    const source = streaming
      ? decodeChunked(raw, {
          chain: streaming.signed ? request.auth.chain : undefined,
          signedTrailer: streaming.trailer,
          onTrailers: (trailers) => {
            if (trailing) expected = findChecksum((name) => trailers.get(name), [checksumHeaders[trailing]]);
          },
        })
      : raw;
    let size = 0;
    try {
      for await (const chunk of source) {
        size += chunk.length;
        if (size > length) throw new S3Error('IncompleteBody', 'The body is longer than its headers say.');
        for (const digest of digests) digest.update(chunk);
        yield chunk;
      }
    } catch (error) {
      if (error instanceof ChunkError) throw new S3Error(error.code, error.message);
      throw error;
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
    if (checksum && algorithm) verifyChecksum(algorithm, expected, checksum.end());
    result = { size, md5: actualMd5.toString('hex'), checksum: expected };
  }

  return {
    bytes: read(),
    length,
    digests: () => {
      if (!result) throw new Error('the body was not read to its end');
      return result;
    },
  };
}

/** Reads a small body, of XML. */
export async function readText(request: S3Request, limit: number): Promise<string> {
  const body = openBody(request, limit);
  const chunks: Buffer[] = [];
  for await (const chunk of body.bytes) chunks.push(chunk);
  return Buffer.concat(chunks).toString('utf8');
}

function announcedLength(request: S3Request, streaming: Streaming | undefined): number {
  const name = streaming ? 'x-amz-decoded-content-length' : 'content-length';
  const text = header(request, name);
  if (text === undefined) {
    if (!streaming && request.incoming.method === 'POST' && !header(request, 'transfer-encoding')) return 0;
    throw new S3Error('MissingContentLength', `You must provide the ${name} HTTP header.`);
  }
  if (!/^\d{1,15}$/.test(text)) throw new S3Error('InvalidArgument', `${name} must be a whole number.`);
  return Number(text);
}

function trailingAlgorithm(request: S3Request): ChecksumAlgorithm | undefined {
  const names = (header(request, 'x-amz-trailer') ?? '').split(',').map((name) => name.trim().toLowerCase());
  const announced = names.filter((name) => name.startsWith('x-amz-checksum-'));
  if (announced.length > 1) throw new S3Error('InvalidRequest', 'Announce one checksum in x-amz-trailer.');
  const [name] = announced;
  if (name === undefined) return undefined;
  return (
    algorithms.find((algorithm) => checksumHeaders[algorithm] === name) ??
    readAlgorithm(name.replace('x-amz-checksum-', ''))
  );
}

function readContentMd5(request: S3Request): Buffer | undefined {
  const text = header(request, 'content-md5');
  if (text === undefined) return undefined;
  const bytes = Buffer.from(text, 'base64');
  if (bytes.length !== 16) throw new S3Error('InvalidDigest', 'The Content-MD5 you specified was invalid.');
  return bytes;
}

function verifyChecksum(algorithm: ChecksumAlgorithm, expected: ExpectedChecksum | undefined, actual: Buffer): void {
  if (!expected) throw new S3Error('InvalidRequest', `The trailing header ${checksumHeaders[algorithm]} is missing.`);
  if (actual.toString('base64') === expected.value) return;
  throw new S3Error('BadDigest', `The ${algorithm} you specified did not match the calculated checksum.`);
}
