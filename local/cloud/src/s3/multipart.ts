import { createHash, randomUUID } from 'node:crypto';
import type { Reply } from '../http.ts';
import { foreignKeyViolation } from '../store/buckets.ts';
import { DatabaseUnavailable, sqlState } from '../store/database.ts';
import type { Checksum } from '../store/objects.ts';
import {
  createUpload,
  findCompleted,
  findUpload,
  listParts as listPartRows,
  type Part,
  putPart,
  removeUpload,
  type Upload,
} from '../store/uploads.ts';
import { openBody, readText } from './body.ts';
import { algorithms, checksumHeaders, digestOf, readAlgorithm } from './checksums.ts';
import { S3Error } from './errors.ts';
import { commitObject, readConditions } from './put-object.ts';
import { childrenOf, parseXml, textOf } from './read-xml.ts';
import { header, integerParameter, parameter, requireBucket, type S3Request, xmlHeaders } from './request.ts';
import { readObjectHeaders, readTags } from './upload-headers.ts';
import { element, s3Namespace, xmlDocument } from './write-xml.ts';

/** Of every part but the last. */
const smallestPart = 5 * 1024 * 1024;
const mostParts = 10_000;

/** POST /bucket/key?uploads */
export async function createMultipartUpload(request: S3Request): Promise<Reply> {
  requireBucket(request);
  const { cloud, bucket, key } = request;
  const named = header(request, 'x-amz-checksum-algorithm');
  const type = header(request, 'x-amz-checksum-type')?.toUpperCase();
  if (type !== undefined && type !== 'COMPOSITE' && type !== 'FULL_OBJECT') {
    throw new S3Error('InvalidRequest', 'x-amz-checksum-type must be COMPOSITE or FULL_OBJECT.');
  }
  const algorithm = named === undefined ? undefined : readAlgorithm(named);
  if (type === 'FULL_OBJECT' && algorithm !== 'CRC32') {
    throw new S3Error(
      'InvalidRequest',
      'A checksum of the full object of a multipart upload is offered for CRC32 only.',
    );
  }
  const upload: Upload = {
    id: randomUUID(),
    bucket,
    key,
    headers: readObjectHeaders(request),
    tags: readTags(request),
    checksum: algorithm === undefined ? null : { algorithm, type: type ?? 'COMPOSITE' },
  };
  if (header(request, 'content-length') !== undefined) await readText(request, 0);
  try {
    await createUpload(cloud.database, upload);
  } catch (error) {
    if (sqlState(error) === foreignKeyViolation)
      throw new S3Error('NoSuchBucket', 'The specified bucket does not exist');
    throw error;
  }
  const body = `<InitiateMultipartUploadResult ${s3Namespace}>${element('Bucket', bucket)}${element('Key', key)}${element('UploadId', upload.id)}</InitiateMultipartUploadResult>`;
  const headers = {
    ...xmlHeaders(),
    ...(upload.checksum
      ? { 'x-amz-checksum-algorithm': upload.checksum.algorithm, 'x-amz-checksum-type': upload.checksum.type }
      : {}),
  };
  return { status: 200, headers, body: xmlDocument(body) };
}

/** PUT /bucket/key?partNumber=1&uploadId=... */
export async function uploadPart(request: S3Request): Promise<Reply> {
  const { cloud } = request;
  const number = integerParameter(request, 'partNumber', 0, mostParts + 1);
  if (number < 1 || number > mostParts) {
    throw new S3Error('InvalidArgument', `Part number must be an integer between 1 and ${mostParts}, inclusive`);
  }
  // Read for its refusals: a copy in place of bytes is not offered.
  readObjectHeaders(request);
  const upload = await requireUpload(request);
  const body = openBody(request, cloud.maxObjectBytes);
  const blob = await cloud.blobs.write(body.bytes, body.length);
  const { size, md5, checksum } = body.digests();
  const checksums = checksum ? { [checksum.algorithm]: checksum.value } : {};
  try {
    const result = await putPart(cloud.database, upload.id, { number, blob, size, etag: md5, checksums });
    if (result === 'no_such_upload') throw noSuchUpload();
    if (result.replacedBlob) await cloud.blobs.remove(result.replacedBlob);
  } catch (error) {
    if (!(error instanceof DatabaseUnavailable && error.uncertain)) await cloud.blobs.remove(blob);
    throw error;
  }
  const headers: Record<string, string> = { etag: `"${md5}"` };
  if (checksum) headers[checksumHeaders[checksum.algorithm]] = checksum.value;
  return { status: 200, headers };
}

/** DELETE /bucket/key?uploadId=... */
export async function abortMultipartUpload(request: S3Request): Promise<Reply> {
  const { database, blobs } = request.cloud;
  const gone = await database.transact(async (tx) => {
    const upload = await findUpload(tx, request.bucket, request.key, parameter(request, 'uploadId') ?? '', 'lock');
    if (!upload) throw noSuchUpload();
    return removeUpload(tx, upload.id);
  });
  await blobs.remove(...gone);
  return { status: 204 };
}

/** GET /bucket/key?uploadId=... */
export async function listParts(request: S3Request): Promise<Reply> {
  const upload = await requireUpload(request);
  const most = integerParameter(request, 'max-parts', 1000, 1000);
  const after = integerParameter(request, 'part-number-marker', 0, mostParts);
  const parts = (await listPartRows(request.cloud.database, upload.id)).filter((part) => part.number > after);
  const page = parts.slice(0, most);
  const body = [
    `<ListPartsResult ${s3Namespace}>`,
    element('Bucket', upload.bucket),
    element('Key', upload.key),
    element('UploadId', upload.id),
    element('PartNumberMarker', after),
    element('NextPartNumberMarker', page.at(-1)?.number ?? 0),
    element('MaxParts', most),
    element('IsTruncated', parts.length > page.length),
    upload.checksum ? element('ChecksumAlgorithm', upload.checksum.algorithm) : '',
    ...page.map(partXml),
    element('StorageClass', 'STANDARD'),
    '</ListPartsResult>',
  ];
  return { status: 200, headers: xmlHeaders(), body: xmlDocument(body.join('')) };
}

function partXml(part: Part): string {
  const checksums = algorithms.map((algorithm) => {
    const value = part.checksums[algorithm];
    return value === undefined ? '' : element(`Checksum${algorithm}`, value);
  });
  return `<Part>${element('PartNumber', part.number)}${element('LastModified', part.modifiedAt.toISOString())}${element('ETag', `"${part.etag}"`)}${element('Size', part.size)}${checksums.join('')}</Part>`;
}

interface NamedPart {
  readonly number: number;
  readonly etag: string;
  readonly checksums: Part['checksums'];
}

/** POST /bucket/key?uploadId=...: puts the named parts together. */
export async function completeMultipartUpload(request: S3Request): Promise<Reply> {
  const { cloud, bucket, key } = request;
  requireBucket(request);
  const id = parameter(request, 'uploadId') ?? '';
  const named = readNamedParts(await readText(request, 4_000_000));
  const etag = multipartEtag(named);
  const upload = await findUpload(cloud.database, bucket, key, id);
  if (!upload) {
    // The client may not have heard our first answer.
    if (await findCompleted(cloud.database, bucket, key, id)) return completed(request, etag, null);
    throw noSuchUpload();
  }
  const conditions = readConditions(request);
  const parts = chooseParts(named, await listPartRows(cloud.database, id));
  const size = parts.reduce((sum, part) => sum + part.size, 0);
  const composite = compositeChecksum(upload, parts);
  const whole = upload.checksum?.type === 'FULL_OBJECT' ? digestOf(upload.checksum.algorithm) : undefined;
  const blob = await cloud.blobs.write(
    join(request, parts, (chunk) => whole?.update(chunk)),
    size,
  );
  const checksum: Checksum | null =
    whole && upload.checksum ? { ...upload.checksum, value: whole.end().toString('base64') } : composite;
  const object = { bucket, key, blob, size, etag, headers: upload.headers, tags: upload.tags, checksum, upload: id };
  let gone: string[] = [];
  await commitObject(request, object, conditions, 'ObjectCreated:CompleteMultipartUpload', async (tx) => {
    if (!(await findUpload(tx, bucket, key, id, 'lock'))) throw noSuchUpload();
    chooseParts(named, await listPartRows(tx, id));
    gone = await removeUpload(tx, id);
  });
  await cloud.blobs.remove(...gone);
  return completed(request, etag, checksum);
}

function completed(request: S3Request, etag: string, checksum: Checksum | null): Reply {
  const body = [
    `<CompleteMultipartUploadResult ${s3Namespace}>`,
    element('Location', `/${request.bucket}/${request.key}`),
    element('Bucket', request.bucket),
    element('Key', request.key),
    element('ETag', `"${etag}"`),
    checksum ? element(`Checksum${checksum.algorithm}`, checksum.value) : '',
    checksum ? element('ChecksumType', checksum.type) : '',
    '</CompleteMultipartUploadResult>',
  ];
  return { status: 200, headers: xmlHeaders(), body: xmlDocument(body.join('')) };
}

function readNamedParts(xml: string): NamedPart[] {
  const parts = childrenOf(parseXml(xml, 'CompleteMultipartUpload'), 'Part').map((node) => {
    const number = Number(textOf(node, 'PartNumber'));
    const etag = (textOf(node, 'ETag') ?? '').replaceAll('"', '');
    const checksums: Record<string, string> = {};
    for (const algorithm of algorithms) {
      const value = textOf(node, `Checksum${algorithm}`);
      if (value !== undefined) checksums[algorithm] = value;
    }
    if (!Number.isInteger(number) || !/^[0-9a-f]{32}$/.test(etag)) {
      throw new S3Error('InvalidPart', 'Each part needs its PartNumber and the ETag that its upload returned.');
    }
    return { number, etag, checksums };
  });
  if (parts.length === 0 || parts.length > mostParts) {
    throw new S3Error('MalformedXML', `Name from 1 to ${mostParts} parts.`);
  }
  if (parts.some((part, index) => part.number <= (parts[index - 1]?.number ?? 0))) {
    throw new S3Error('InvalidPartOrder', 'The list of parts was not in ascending order.');
  }
  return parts;
}

/** Finds the stored parts that the client names, all of them as it knows them. */
function chooseParts(named: readonly NamedPart[], stored: readonly Part[]): Part[] {
  const byNumber = new Map(stored.map((part) => [part.number, part]));
  const chosen = named.map(({ number, etag, checksums }) => {
    const part = byNumber.get(number);
    const agrees =
      part?.etag === etag &&
      algorithms.every((one) => checksums[one] === undefined || checksums[one] === part.checksums[one]);
    if (!part || !agrees) {
      throw new S3Error('InvalidPart', `Part ${number} could not be found, or its entity tag or checksum is another.`);
    }
    return part;
  });
  const small = chosen.slice(0, -1).find((part) => part.size < smallestPart);
  if (small) {
    throw new S3Error(
      'EntityTooSmall',
      `Part ${small.number} is smaller than the minimum allowed size of ${smallestPart} bytes.`,
    );
  }
  return chosen;
}

async function* join(request: S3Request, parts: readonly Part[], see: (chunk: Buffer) => void): AsyncGenerator<Buffer> {
  for (const part of parts) {
    const file = await request.cloud.blobs.open(part.blob);
    for await (const chunk of file.createReadStream({ highWaterMark: 256 * 1024 })) {
      see(chunk as Buffer);
      yield chunk as Buffer;
    }
  }
}

/** The MD5 of the parts' MD5s, and how many they are. */
function multipartEtag(parts: readonly NamedPart[]): string {
  const hash = createHash('md5');
  for (const part of parts) hash.update(Buffer.from(part.etag, 'hex'));
  return `${hash.digest('hex')}-${parts.length}`;
}

/** The checksum of the parts' checksums, and how many they are. */
function compositeChecksum(upload: Upload, parts: readonly Part[]): Checksum | null {
  if (upload.checksum?.type !== 'COMPOSITE') return null;
  const { algorithm, type } = upload.checksum;
  const digest = digestOf(algorithm);
  for (const part of parts) {
    const value = part.checksums[algorithm];
    if (value === undefined)
      throw new S3Error('InvalidPart', `Part ${part.number} was uploaded without its ${algorithm} checksum.`);
    digest.update(Buffer.from(value, 'base64'));
  }
  return { algorithm, type, value: `${digest.end().toString('base64')}-${parts.length}` };
}

async function requireUpload(request: S3Request): Promise<Upload> {
  requireBucket(request);
  const id = parameter(request, 'uploadId') ?? '';
  const upload = await findUpload(request.cloud.database, request.bucket, request.key, id);
  if (!upload) throw noSuchUpload();
  return upload;
}

function noSuchUpload(): S3Error {
  return new S3Error(
    'NoSuchUpload',
    'The specified multipart upload does not exist. The upload ID might be invalid, or it might have been aborted or completed.',
  );
}
