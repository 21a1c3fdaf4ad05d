import { createHash, randomBytes } from 'node:crypto';
import {
  DeleteObjectCommand,
  GetObjectCommand,
  GetObjectTaggingCommand,
  HeadObjectCommand,
  ListObjectsV2Command,
  PutObjectCommand,
} from '@aws-sdk/client-s3';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openTarget, type Target } from '../testing/target.ts';

let target: Target;
let bucket: string;
beforeAll(async () => {
  target = await openTarget();
  bucket = await target.newBucket();
});
afterAll(() => target.close());

const sha256 = (bytes: Buffer) => createHash('sha256').update(bytes).digest('base64');
const put = (Key: string, Body: string | Buffer, more: object = {}) =>
  target.s3.send(new PutObjectCommand({ Bucket: bucket, Key, Body: Buffer.from(Body), ...more }));
const get = async (Key: string, more: object = {}) => {
  const reply = await target.s3.send(new GetObjectCommand({ Bucket: bucket, Key, ...more }));
  return { ...reply, bytes: Buffer.from((await reply.Body?.transformToByteArray()) ?? []) };
};
/** The keys with a prefix, in the order of the listing. */
const keysUnder = async (Prefix: string) =>
  (await target.s3.send(new ListObjectsV2Command({ Bucket: bucket, Prefix }))).Contents?.map(({ Key }) => Key) ?? [];

describe('PUT, GET and HEAD', () => {
  test('return the bytes and their metadata', async () => {
    const bytes = randomBytes(70_000);
    const stored = await put('plain/photo.jpg', bytes, {
      ContentType: 'image/jpeg',
      CacheControl: 'max-age=60',
      ContentDisposition: 'inline',
      Metadata: { angle: '015' },
    });
    const etag = `"${createHash('md5').update(bytes).digest('hex')}"`;
    expect(stored.ETag).toBe(etag);
    const got = await get('plain/photo.jpg');
    expect(got.bytes.equals(bytes)).toBe(true);
    const facts = {
      ETag: etag,
      ContentType: 'image/jpeg',
      CacheControl: 'max-age=60',
      ContentDisposition: 'inline',
      Metadata: { angle: '015' },
      ContentLength: 70_000,
      AcceptRanges: 'bytes',
    };
    expect(got).toMatchObject(facts);
    const head = await target.s3.send(new HeadObjectCommand({ Bucket: bucket, Key: 'plain/photo.jpg' }));
    expect(head).toMatchObject(facts);
    expect(Math.abs((head.LastModified?.getTime() ?? 0) - Date.now())).toBeLessThan(300_000);
  });

  test('replace an object completely on an overwrite', async () => {
    await put('again', 'first', { Metadata: { a: '1' } });
    await put('again', 'second');
    const got = await get('again');
    expect(got.bytes.toString()).toBe('second');
    expect(got.Metadata).toEqual({});
  });

  test('support empty objects', async () => {
    await put('empty', '');
    expect((await get('empty')).bytes.length).toBe(0);
  });

  test('treat a key as a name, never as a path', async () => {
    const keys = [
      '../../etc/passwd',
      'a/../b',
      './c',
      '/lead',
      'x//y',
      'ünï/✓ 😀+%20&?#;=',
      'quo\'te"<tag>',
      '*',
      ' sp ',
    ];
    for (const key of keys) await put(`names/${key}`, key);
    for (const key of keys) expect((await get(`names/${key}`)).bytes.toString()).toBe(key);
    const expected = keys.map((key) => `names/${key}`).sort((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)));
    expect(await keysUnder('names/')).toEqual(expected);
  });

  test('return a range of bytes', async () => {
    await put('range', '0123456789');
    const first = await get('range', { Range: 'bytes=2-4' });
    expect([first.bytes.toString(), first.ContentRange]).toEqual(['234', 'bytes 2-4/10']);
    expect((await get('range', { Range: 'bytes=8-' })).bytes.toString()).toBe('89');
    expect((await get('range', { Range: 'bytes=-3' })).bytes.toString()).toBe('789');
    expect((await get('range', { Range: 'bytes=5-99' })).bytes.toString()).toBe('56789');
    await expect(get('range', { Range: 'bytes=10-' })).rejects.toMatchObject({ name: 'InvalidRange' });
  });

  test('answer 304 or 412 to conditional requests', async () => {
    const { ETag } = await put('conditional', 'text');
    await expect(get('conditional', { IfNoneMatch: ETag })).rejects.toMatchObject({
      $metadata: { httpStatusCode: 304 },
    });
    await expect(get('conditional', { IfModifiedSince: new Date() })).rejects.toMatchObject({
      $metadata: { httpStatusCode: 304 },
    });
    await expect(get('conditional', { IfMatch: '"0"' })).rejects.toMatchObject({ name: 'PreconditionFailed' });
    expect((await get('conditional', { IfMatch: ETag, IfModifiedSince: new Date(0) })).bytes.toString()).toBe('text');
  });

  test('override reply headers by query parameters', async () => {
    await put('override', 'text', { ContentType: 'text/plain' });
    const got = await get('override', {
      ResponseContentType: 'image/png',
      ResponseContentDisposition: 'attachment; filename="a b.png"',
      ResponseCacheControl: 'no-store',
    });
    expect(got).toMatchObject({
      ContentType: 'image/png',
      ContentDisposition: 'attachment; filename="a b.png"',
      CacheControl: 'no-store',
    });
  });

  test('distinguish a missing object from a missing bucket', async () => {
    await expect(get('missing')).rejects.toMatchObject({ name: 'NoSuchKey', $metadata: { httpStatusCode: 404 } });
    const nowhere = target.s3.send(new GetObjectCommand({ Bucket: `${bucket}-not`, Key: 'x' }));
    await expect(nowhere).rejects.toMatchObject({ name: 'NoSuchBucket' });
    const head = target.s3.send(new HeadObjectCommand({ Bucket: bucket, Key: 'missing' }));
    await expect(head).rejects.toMatchObject({ name: 'NotFound' });
    await expect(put('k'.repeat(1025), '')).rejects.toMatchObject({ name: 'KeyTooLongError' });
  });

  test('store and return 20 MB', async () => {
    const bytes = randomBytes(20 * 1024 * 1024);
    await put('large', bytes, { ChecksumSHA256: sha256(bytes) });
    const got = await get('large', { ChecksumMode: 'ENABLED' });
    expect(sha256(got.bytes)).toBe(sha256(bytes));
    expect(got.ChecksumSHA256).toBe(sha256(bytes));
  });
});

describe('rejects and does not store an object with', () => {
  test('a wrong SHA-256 or CRC-32', async () => {
    const wrong = put('wrong', 'text', { ChecksumSHA256: sha256(Buffer.from('other')) });
    await expect(wrong).rejects.toMatchObject({ name: 'BadDigest', $metadata: { httpStatusCode: 400 } });
    await expect(put('wrong', 'text', { ChecksumCRC32: 'AAAAAA==' })).rejects.toMatchObject({ name: 'BadDigest' });
    await expect(put('wrong', 'text', { ChecksumSHA256: 'abc' })).rejects.toMatchObject({ name: 'InvalidRequest' });
    await expect(get('wrong')).rejects.toMatchObject({ name: 'NoSuchKey' });
  });

  test('a wrong Content-MD5', async () => {
    const other = createHash('md5').update('other').digest('base64');
    await expect(put('wrong', 'text', { ContentMD5: other })).rejects.toMatchObject({ name: 'BadDigest' });
    await expect(put('wrong', 'text', { ContentMD5: 'short' })).rejects.toMatchObject({ name: 'InvalidDigest' });
  });

  test('If-None-Match: * for an existing key', async () => {
    const tries = ['a', 'b', 'c', 'd'].map((body) => put('only-once', body, { IfNoneMatch: '*' }));
    const outcomes = await Promise.allSettled(tries);
    expect(outcomes.filter((outcome) => outcome.status === 'fulfilled')).toHaveLength(1);
    // Concurrent PUTs may get a conflict, later ones a failed condition.
    await expect(put('only-once', 'e', { IfNoneMatch: '*' })).rejects.toMatchObject({
      name: 'PreconditionFailed',
      $metadata: { httpStatusCode: 412 },
    });
  });
});

test('stores and counts tags', async () => {
  await put('tagged', 'text', { Tagging: 'org=a%20b&kind=original' });
  const { TagSet } = await target.s3.send(new GetObjectTaggingCommand({ Bucket: bucket, Key: 'tagged' }));
  expect(TagSet).toEqual(
    expect.arrayContaining([
      { Key: 'org', Value: 'a b' },
      { Key: 'kind', Value: 'original' },
    ]),
  );
  expect((await get('tagged')).TagCount).toBe(2);
  await expect(put('tagged', 'text', { Tagging: 'a=1&a=2' })).rejects.toMatchObject({ name: /Invalid(Tag|Argument)/ });
});

describe('ListObjectsV2 and DELETE', () => {
  test('list pages, common prefixes and keys after a start key', async () => {
    for (const key of ['l/a', 'l/b/1', 'l/b/2', 'l/b-', 'l/c/1', 'l/d']) await put(key, '');
    const list = async (more: object) => {
      const pages: (string | undefined)[][] = [];
      let ContinuationToken: string | undefined;
      do {
        const command = new ListObjectsV2Command({ Bucket: bucket, Prefix: 'l/', ContinuationToken, ...more });
        const page = await target.s3.send(command);
        pages.push([
          ...(page.Contents?.map(({ Key }) => Key) ?? []),
          ...(page.CommonPrefixes?.map(({ Prefix }) => Prefix) ?? []),
        ]);
        expect(page.KeyCount).toBe(pages.at(-1)?.length);
        ContinuationToken = page.NextContinuationToken;
      } while (ContinuationToken !== undefined);
      return pages;
    };
    expect(await list({ MaxKeys: 4 })).toEqual([
      ['l/a', 'l/b-', 'l/b/1', 'l/b/2'],
      ['l/c/1', 'l/d'],
    ]);
    expect(await list({ Delimiter: '/' })).toEqual([['l/a', 'l/b-', 'l/d', 'l/b/', 'l/c/']]);
    expect(await list({ Delimiter: '/', MaxKeys: 2 })).toEqual([['l/a', 'l/b-'], ['l/b/', 'l/c/'], ['l/d']]);
    expect(await list({ Delimiter: '/', MaxKeys: 1 })).toEqual([['l/a'], ['l/b-'], ['l/b/'], ['l/c/'], ['l/d']]);
    expect(await list({ StartAfter: 'l/b/1' })).toEqual([['l/b/2', 'l/c/1', 'l/d']]);
    expect(await list({ EncodingType: 'url' })).toHaveLength(1);
  });

  test('delete objects permanently and idempotently', async () => {
    const Key = "gone/1 &<>\r\n'";
    await put(Key, '');
    await target.s3.send(new DeleteObjectCommand({ Bucket: bucket, Key }));
    await target.s3.send(new DeleteObjectCommand({ Bucket: bucket, Key }));
    await expect(get(Key)).rejects.toMatchObject({ name: 'NoSuchKey' });
    expect(await keysUnder('gone/')).toEqual([]);
  });
});
