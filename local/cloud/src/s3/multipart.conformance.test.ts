import { createHash, randomBytes } from 'node:crypto';
import {
  AbortMultipartUploadCommand,
  type CompletedPart,
  CompleteMultipartUploadCommand,
  CreateMultipartUploadCommand,
  GetObjectCommand,
  GetObjectTaggingCommand,
  ListPartsCommand,
  type S3Client,
  UploadPartCommand,
} from '@aws-sdk/client-s3';
import { getSignedUrl } from '@aws-sdk/s3-request-presigner';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { openTarget, type Target } from '../testing/target.ts';

let target: Target;
let presigner: S3Client;
let bucket: string;
beforeAll(async () => {
  target = await openTarget();
  presigner = target.s3With({ requestChecksumCalculation: 'WHEN_REQUIRED' });
  bucket = await target.newBucket();
});
afterAll(async () => {
  presigner.destroy();
  await target.close();
});

const mebi = 1024 * 1024;
const parts = [randomBytes(5 * mebi), randomBytes(6 * mebi), randomBytes(1000)];
const md5 = (bytes: Buffer) => createHash('md5').update(bytes).digest();

async function create(client: S3Client, Key: string, more: object = {}): Promise<string> {
  return (await client.send(new CreateMultipartUploadCommand({ Bucket: bucket, Key, ...more }))).UploadId ?? '';
}

const complete = (Key: string, UploadId: string, Parts: CompletedPart[]) =>
  target.s3.send(new CompleteMultipartUploadCommand({ Bucket: bucket, Key, UploadId, MultipartUpload: { Parts } }));

test('parts by presigned URL, in any order and one of them twice, become one object', async () => {
  const Key = 'multi/photo.heic';
  const UploadId = await create(presigner, Key, { ContentType: 'image/heic', Tagging: 'kind=original' });
  const etags: CompletedPart[] = [];
  for (const index of [2, 0, 1, 0]) {
    const command = new UploadPartCommand({ Bucket: bucket, Key, UploadId, PartNumber: index + 1 });
    const url = await getSignedUrl(presigner, command, { expiresIn: 300 });
    const response = await fetch(url, { method: 'PUT', body: parts[index] });
    expect(response.status).toBe(200);
    etags[index] = { PartNumber: index + 1, ETag: response.headers.get('etag') ?? '' };
  }
  const listed = await target.s3.send(new ListPartsCommand({ Bucket: bucket, Key, UploadId, MaxParts: 2 }));
  expect(listed.Parts?.map((part) => part.Size)).toEqual([5 * mebi, 6 * mebi]);
  expect([listed.IsTruncated, listed.NextPartNumberMarker]).toEqual([true, '2']);

  const { ETag } = await complete(Key, UploadId, etags);
  const digest = createHash('md5')
    .update(Buffer.concat(parts.map(md5)))
    .digest('hex');
  expect(ETag).toBe(`"${digest}-3"`);
  // A repeated completion, as after a lost answer, is told the same.
  expect((await complete(Key, UploadId, etags)).ETag).toBe(ETag);
  const got = await target.s3.send(new GetObjectCommand({ Bucket: bucket, Key }));
  expect(Buffer.from((await got.Body?.transformToByteArray()) ?? []).equals(Buffer.concat(parts))).toBe(true);
  expect(got.ContentType).toBe('image/heic');
  const { TagSet } = await target.s3.send(new GetObjectTaggingCommand({ Bucket: bucket, Key }));
  expect(TagSet).toEqual([{ Key: 'kind', Value: 'original' }]);
});

test('checksums of the parts are verified and make up that of the whole', async () => {
  const Key = 'multi/checked';
  const UploadId = await create(target.s3, Key, { ChecksumAlgorithm: 'SHA256' });
  const sha = (bytes: Buffer) => createHash('sha256').update(bytes).digest();
  const done: CompletedPart[] = [];
  for (const [index, Body] of parts.entries()) {
    const PartNumber = index + 1;
    const part = await target.s3.send(
      new UploadPartCommand({ Bucket: bucket, Key, UploadId, PartNumber, Body, ChecksumAlgorithm: 'SHA256' }),
    );
    expect(part.ChecksumSHA256).toBe(sha(Body).toString('base64'));
    done.push({ PartNumber, ETag: part.ETag, ChecksumSHA256: part.ChecksumSHA256 });
  }
  const wrong = done.map((part) => ({ ...part, ChecksumSHA256: sha(Buffer.from('x')).toString('base64') }));
  await expect(complete(Key, UploadId, wrong)).rejects.toMatchObject({ $metadata: { httpStatusCode: 400 } });
  const { ChecksumSHA256 } = await complete(Key, UploadId, done);
  expect(ChecksumSHA256).toBe(`${sha(Buffer.concat(parts.map(sha))).toString('base64')}-3`);
});

test('what cannot be put together is refused by name', async () => {
  const Key = 'multi/refused';
  const UploadId = await create(presigner, Key);
  const upload = (PartNumber: number, Body: Buffer) =>
    presigner.send(new UploadPartCommand({ Bucket: bucket, Key, UploadId, PartNumber, Body }));
  const a = { PartNumber: 1, ETag: (await upload(1, Buffer.from('small'))).ETag };
  const b = { PartNumber: 2, ETag: (await upload(2, Buffer.from('last'))).ETag };
  await expect(complete(Key, UploadId, [b, a])).rejects.toMatchObject({ name: 'InvalidPartOrder' });
  await expect(complete(Key, UploadId, [a, { ...b, ETag: `"${'0'.repeat(32)}"` }])).rejects.toMatchObject({
    name: 'InvalidPart',
  });
  await expect(complete(Key, UploadId, [a, { ...b, PartNumber: 3 }])).rejects.toMatchObject({ name: 'InvalidPart' });
  await expect(complete(Key, UploadId, [a, b])).rejects.toMatchObject({ name: 'EntityTooSmall' });
  await expect(upload(10_001, Buffer.from('x'))).rejects.toMatchObject({ name: 'InvalidArgument' });

  await target.s3.send(new AbortMultipartUploadCommand({ Bucket: bucket, Key, UploadId }));
  await expect(complete(Key, UploadId, [b])).rejects.toMatchObject({ name: 'NoSuchUpload' });
  await expect(upload(1, Buffer.from('x'))).rejects.toMatchObject({ name: 'NoSuchUpload' });
});
