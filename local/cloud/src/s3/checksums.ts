import { createHash, type Hash } from 'node:crypto';
import { crc32 } from 'node:zlib';
import type { ChecksumAlgorithm } from '../store/objects.ts';
import { S3Error } from './errors.ts';

export const checksumHeaders: Readonly<Record<ChecksumAlgorithm, string>> = {
  CRC32: 'x-amz-checksum-crc32',
  SHA1: 'x-amz-checksum-sha1',
  SHA256: 'x-amz-checksum-sha256',
};

const lengths: Readonly<Record<ChecksumAlgorithm, number>> = { CRC32: 4, SHA1: 20, SHA256: 32 };

const algorithms = Object.keys(checksumHeaders) as readonly ChecksumAlgorithm[];

export interface Digest {
  update(chunk: Buffer): void;
  /** Call once. */
  end(): Buffer;
}

export function digestOf(algorithm: ChecksumAlgorithm | 'MD5'): Digest {
  if (algorithm === 'CRC32') {
    let value = 0;
    return {
      update: (chunk) => {
        value = crc32(chunk, value);
      },
      end: () => {
        const bytes = Buffer.alloc(4);
        bytes.writeUInt32BE(value >>> 0);
        return bytes;
      },
    };
  }
  const hash: Hash = createHash(algorithm.toLowerCase());
  return { update: (chunk) => void hash.update(chunk), end: () => hash.digest() };
}

function readAlgorithm(text: string): ChecksumAlgorithm {
  const known = algorithms.find((algorithm) => algorithm === text.toUpperCase());
  if (known) return known;
  throw new S3Error(
    'InvalidRequest',
    `The checksum algorithm ${text} is not supported. Use one of ${algorithms.join(', ')}.`,
  );
}

export interface ExpectedChecksum {
  readonly algorithm: ChecksumAlgorithm;
  /** In base64. */
  readonly value: string;
}

/** Finds the x-amz-checksum-<algorithm> header. */
export function findChecksum(
  get: (name: string) => string | undefined,
  names: Iterable<string>,
): ExpectedChecksum | undefined {
  let found: ExpectedChecksum | undefined;
  for (const name of names) {
    const suffix = /^x-amz-checksum-(?!mode$|type$|algorithm$)(.+)$/.exec(name)?.[1];
    if (suffix === undefined) continue;
    const algorithm = readAlgorithm(suffix);
    if (found)
      throw new S3Error(
        'InvalidRequest',
        'Expecting a single x-amz-checksum- header. Multiple checksum Types are not allowed.',
      );
    found = { algorithm, value: get(name) ?? '' };
    if (!isDigest(algorithm, found.value)) throw new S3Error('InvalidRequest', `Value for ${name} header is invalid.`);
  }
  return found;
}

function isDigest(algorithm: ChecksumAlgorithm, value: string): boolean {
  const bytes = Buffer.from(value, 'base64');
  return bytes.length === lengths[algorithm] && bytes.toString('base64') === value;
}
