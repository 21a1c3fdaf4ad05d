import { createHash } from 'node:crypto';
import { expect, test } from 'vitest';
import { createObjects } from './objects.ts';

const objects = createObjects({
  endpoint: 'http://127.0.0.1:4300',
  region: 'us-east-1',
  bucket: 'spinbay',
  credentials: { accessKeyId: 'AKIDEXAMPLE', secretAccessKey: 'secret', sessionToken: 'token' },
});
const digest = createHash('sha256').update('photo');
const sha256Hex = digest.copy().digest('hex');
const now = new Date('2026-05-04T09:41:27.512Z');

test('binds an upload to type, length, digest and tags', async () => {
  const { url, headers, expiresAt } = await objects.presignPut(
    'org/o/x.jpg',
    { contentType: 'image/jpeg', sha256Hex, contentLength: 5, tags: { org_id: 'o', shot_name: 'front left/+' } },
    now,
  );
  const query = new URL(url).searchParams;
  expect(query.get('X-Amz-SignedHeaders')?.split(';')).toEqual([
    'content-length',
    'content-type',
    'host',
    'x-amz-checksum-sha256',
    'x-amz-tagging',
  ]);
  expect(query.get('X-Amz-Security-Token')).toBe('token');
  expect([...query.keys()].filter((name) => /checksum|tagging|crc/i.test(name))).toEqual([]);
  expect(headers).toEqual({
    'content-type': 'image/jpeg',
    'x-amz-checksum-sha256': digest.copy().digest('base64'),
    'x-amz-tagging': 'org_id=o&shot_name=front%20left%2F%2B',
  });
  expect(query.get('X-Amz-Expires')).toBe('900');
  expect(expiresAt.toISOString()).toBe('2026-05-04T09:56:27.000Z');
});

test('does not sign a length if none is given', async () => {
  const { url } = await objects.presignPut('x.jpg', { contentType: 'image/jpeg', sha256Hex, tags: { a: 'b' } }, now);
  expect(new URL(url).searchParams.get('X-Amz-SignedHeaders')).not.toContain('content-length');
});
