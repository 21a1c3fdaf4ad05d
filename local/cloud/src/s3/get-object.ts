import type { FileHandle } from 'node:fs/promises';
import type { Reply } from '../http.ts';
import { findObject, type StoredObject } from '../store/objects.ts';
import { S3Error } from './errors.ts';
import { checksumReply } from './put-object.ts';
import { header, parameter, requireBucket, type S3Request, xmlHeaders } from './request.ts';
import { element, s3Namespace, xmlDocument } from './write-xml.ts';

/** Query parameters that override a reply header. */
const overrides: Readonly<Record<string, string>> = {
  'response-cache-control': 'cache-control',
  'response-content-disposition': 'content-disposition',
  'response-content-encoding': 'content-encoding',
  'response-content-language': 'content-language',
  'response-content-type': 'content-type',
  'response-expires': 'expires',
};

/** GET /bucket/key */
export async function getObject(request: S3Request): Promise<Reply> {
  for (let attempt = 1; ; attempt += 1) {
    const object = await requireObject(request);
    const early = checkConditions(request, object);
    if (early) return early;
    const range = readRange(request, object.size);
    const headers = replyHeaders(request, object, range);
    let file: FileHandle;
    try {
      file = await request.cloud.blobs.open(object.blob);
    } catch (error) {
      // The object was overwritten or deleted after its row was read. The retry reads the row again.
      if (attempt < 5) continue;
      throw error;
    }
    if (object.size === 0) {
      await file.close();
      return { status: 200, headers, body: '' };
    }
    const { first, last } = range ?? { first: 0, last: object.size - 1 };
    const body = file.createReadStream({ start: first, end: last, highWaterMark: 256 * 1024 });
    return { status: range ? 206 : 200, headers, body };
  }
}

/** HEAD /bucket/key */
export async function headObject(request: S3Request): Promise<Reply> {
  const object = await requireObject(request);
  const early = checkConditions(request, object);
  if (early) return early;
  const range = readRange(request, object.size);
  return { status: range ? 206 : 200, headers: replyHeaders(request, object, range) };
}

/** GET /bucket/key?tagging */
export async function getObjectTagging(request: S3Request): Promise<Reply> {
  const { tags } = await requireObject(request);
  const set = tags.map((tag) => `<Tag>${element('Key', tag.key)}${element('Value', tag.value)}</Tag>`).join('');
  const body = xmlDocument(`<Tagging ${s3Namespace}><TagSet>${set}</TagSet></Tagging>`);
  return { status: 200, headers: xmlHeaders(), body };
}

async function requireObject(request: S3Request): Promise<StoredObject> {
  requireBucket(request);
  const object = await findObject(request.cloud.database, request.bucket, request.key);
  if (!object) throw new S3Error('NoSuchKey', 'The specified key does not exist.');
  return object;
}

/** RFC 9110, section 13.2.2: ETags take precedence over dates. */
function checkConditions(request: S3Request, object: StoredObject): Reply | undefined {
  const failed = () =>
    new S3Error('PreconditionFailed', 'At least one of the pre-conditions you specified did not hold');
  const ifMatch = header(request, 'if-match');
  const ifUnmodified = seconds(header(request, 'if-unmodified-since'));
  const modified = Math.floor(object.modifiedAt.getTime() / 1000);
  if (ifMatch !== undefined) {
    if (!etagMatches(ifMatch, object.etag)) throw failed();
  } else if (ifUnmodified !== undefined && modified > ifUnmodified) throw failed();

  const ifNoneMatch = header(request, 'if-none-match');
  const ifModified = seconds(header(request, 'if-modified-since'));
  const unchanged =
    ifNoneMatch !== undefined
      ? etagMatches(ifNoneMatch, object.etag)
      : ifModified !== undefined && modified <= ifModified;
  if (!unchanged) return undefined;
  const headers: Record<string, string> = {
    etag: `"${object.etag}"`,
    'last-modified': object.modifiedAt.toUTCString(),
  };
  const cacheControl = object.headers['cache-control'];
  if (cacheControl !== undefined) headers['cache-control'] = cacheControl;
  return { status: 304, headers };
}

function etagMatches(list: string, etag: string): boolean {
  return list.split(',').some((one) => ['*', etag].includes(one.trim().replace(/^W\//, '').replaceAll('"', '')));
}

function seconds(date: string | undefined): number | undefined {
  const millis = date === undefined ? Number.NaN : Date.parse(date);
  return Number.isNaN(millis) ? undefined : Math.floor(millis / 1000);
}

interface Range {
  readonly first: number;
  readonly last: number;
}

/** A single range of bytes, including both ends. Other ranges are answered with the whole object, as RFC 9110 allows. */
function readRange(request: S3Request, size: number): Range | undefined {
  const match = /^bytes=(\d{0,15})-(\d{0,15})$/.exec(header(request, 'range') ?? '');
  if (!match || (match[1] === '' && match[2] === '')) return undefined;
  const [, from = '', to = ''] = match;
  const first = from === '' ? Math.max(0, size - Number(to)) : Number(from);
  const last = from === '' || to === '' ? size - 1 : Math.min(Number(to), size - 1);
  if (from !== '' && to !== '' && Number(to) < Number(from)) return undefined;
  if (first >= size || (from === '' && Number(to) === 0)) {
    throw new S3Error('InvalidRange', 'The requested range is not satisfiable');
  }
  return { first, last };
}

function replyHeaders(request: S3Request, object: StoredObject, range: Range | undefined): Record<string, string> {
  const headers: Record<string, string> = {
    'content-type': 'binary/octet-stream',
    ...object.headers,
    etag: `"${object.etag}"`,
    'last-modified': object.modifiedAt.toUTCString(),
    'accept-ranges': 'bytes',
    'content-length': String(range ? range.last - range.first + 1 : object.size),
  };
  if (range) headers['content-range'] = `bytes ${range.first}-${range.last}/${object.size}`;
  if (object.tags.length > 0) headers['x-amz-tagging-count'] = String(object.tags.length);
  // The checksum is that of the whole object, so it would not match a range.
  if (!range && header(request, 'x-amz-checksum-mode')?.toUpperCase() === 'ENABLED') {
    Object.assign(headers, checksumReply(object.checksum));
  }
  for (const [name, target] of Object.entries(overrides)) {
    const value = parameter(request, name);
    if (value === undefined) continue;
    if (!/^[\t\x20-\x7e\x80-\xff]*$/.test(value)) {
      throw new S3Error('InvalidArgument', `${name} has characters that are not allowed in a header.`);
    }
    headers[target] = value;
  }
  return headers;
}
