import type { IncomingMessage } from 'node:http';
import type { Cloud } from '../cloud.ts';
import type { WireRequest } from '../sigv4/canonical.ts';
import type { Verified } from '../sigv4/verify.ts';
import type { Bucket } from '../store/buckets.ts';
import { S3Error } from './errors.ts';

/** An authorized S3 request. */
export interface S3Request {
  readonly cloud: Cloud;
  readonly wire: WireRequest;
  readonly incoming: IncomingMessage;
  /** Tells a client that sent `Expect: 100-continue` to send the body. */
  readonly askForBody: () => void;
  readonly auth: Verified;
  readonly requestId: string;
  /** Empty for requests to the service itself. */
  readonly bucket: string;
  /** Empty for requests to the bucket. Any text, because a key is never used as a file path. */
  readonly key: string;
}

const maxKey = 1024;

/** Splits a path-style path: /bucket/key/with/slashes. */
export function splitPath(rawPath: string): { bucket: string; key: string } {
  const at = rawPath.indexOf('/', 1);
  const bucket = decodeURIComponent(at < 0 ? rawPath.slice(1) : rawPath.slice(1, at));
  const key = at < 0 ? '' : decodeURIComponent(rawPath.slice(at + 1));
  if (Buffer.byteLength(key) > maxKey) {
    throw new S3Error('KeyTooLongError', `Your key is too long: at most ${maxKey} bytes of UTF-8.`);
  }
  return { bucket, key };
}

export function header(request: S3Request, name: string): string | undefined {
  return request.wire.headers.get(name)?.[0];
}

export function parameter(request: S3Request, name: string): string | undefined {
  return request.wire.query.find(([given]) => given === name)?.[1];
}

export function requireBucket(request: S3Request): Bucket {
  const bucket = request.cloud.buckets.get(request.bucket);
  if (!bucket) throw new S3Error('NoSuchBucket', 'The specified bucket does not exist');
  return bucket;
}

/** Reads an integer query parameter. A larger value than `max` becomes `max`. */
export function integerParameter(request: S3Request, name: string, fallback: number, max: number): number {
  const text = parameter(request, name);
  if (text === undefined) return fallback;
  if (!/^\d{1,9}$/.test(text)) throw new S3Error('InvalidArgument', `${name} must be a whole number.`);
  return Math.min(Number(text), max);
}

export function xmlHeaders(): Record<string, string> {
  return { 'content-type': 'application/xml' };
}
