import type { Reply } from '../http.ts';
import { uriEncode } from '../sigv4/canonical.ts';
import { listObjects as listRows } from '../store/objects.ts';
import { S3Error } from './errors.ts';
import { integerParameter, parameter, requireBucket, type S3Request, xmlHeaders } from './request.ts';
import { element, s3Namespace, xmlDocument } from './write-xml.ts';

const maxKeysLimit = 1000;

/** GET /bucket?list-type=2 */
export async function listObjects(request: S3Request): Promise<Reply> {
  requireBucket(request);
  if (parameter(request, 'list-type') !== '2')
    throw new S3Error('NotImplemented', 'Only ListObjectsV2 (list-type=2) is supported.');
  const encoding = parameter(request, 'encoding-type');
  if (encoding !== undefined && encoding !== 'url')
    throw new S3Error('InvalidArgument', 'Invalid Encoding Method specified in Request');
  const encode = encoding === 'url' ? (text: string) => uriEncode(text).replaceAll('%2F', '/') : (text: string) => text;
  const prefix = parameter(request, 'prefix') ?? '';
  const delimiter = parameter(request, 'delimiter') ?? '';
  const token = parameter(request, 'continuation-token');
  const startAfter = parameter(request, 'start-after');
  const maxKeys = integerParameter(request, 'max-keys', maxKeysLimit, maxKeysLimit);
  const listing =
    maxKeys === 0
      ? { objects: [], commonPrefixes: [], next: undefined }
      : await listRows(request.cloud.database, {
          bucket: request.bucket,
          prefix,
          delimiter,
          after: token === undefined ? (startAfter ?? '') : readToken(token),
          limit: maxKeys,
        });

  const contents = listing.objects.map((object) =>
    [
      '<Contents>',
      element('Key', encode(object.key)),
      element('LastModified', object.modifiedAt.toISOString()),
      element('ETag', `"${object.etag}"`),
      object.checksum ? element('ChecksumAlgorithm', object.checksum.algorithm) : '',
      object.checksum ? element('ChecksumType', object.checksum.type) : '',
      element('Size', object.size),
      element('StorageClass', 'STANDARD'),
      '</Contents>',
    ].join(''),
  );
  const prefixes = listing.commonPrefixes.map(
    (one) => `<CommonPrefixes>${element('Prefix', encode(one))}</CommonPrefixes>`,
  );
  const body = [
    `<ListBucketResult ${s3Namespace}>`,
    element('Name', request.bucket),
    element('Prefix', encode(prefix)),
    delimiter === '' ? '' : element('Delimiter', encode(delimiter)),
    element('MaxKeys', maxKeys),
    encoding === undefined ? '' : element('EncodingType', encoding),
    element('KeyCount', contents.length + prefixes.length),
    element('IsTruncated', listing.next !== undefined),
    token === undefined ? '' : element('ContinuationToken', token),
    startAfter === undefined ? '' : element('StartAfter', encode(startAfter)),
    listing.next === undefined ? '' : element('NextContinuationToken', Buffer.from(listing.next).toString('base64url')),
    ...contents,
    ...prefixes,
    '</ListBucketResult>',
  ];
  return { status: 200, headers: xmlHeaders(), body: xmlDocument(body.join('')) };
}

function readToken(token: string): string {
  const after = Buffer.from(token, 'base64url');
  if (token !== '' && after.toString('base64url') === token && !after.includes(0)) return after.toString();
  throw new S3Error('InvalidArgument', 'The continuation token provided is incorrect');
}
