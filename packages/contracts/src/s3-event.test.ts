import fc from 'fast-check';
import { expect, test } from 'vitest';
import { parseS3Message, s3Message } from './s3-event.ts';

const record = (key: string, eventName = 'ObjectCreated:Put') => ({
  eventVersion: '2.1',
  eventSource: 'aws:s3',
  awsRegion: 'us-east-1',
  eventTime: '2026-05-04T09:30:00.000Z',
  eventName,
  userIdentity: { principalId: 'EXAMPLE' },
  s3: {
    s3SchemaVersion: '1.0',
    configurationId: 'originals',
    bucket: { name: 'spinbay', arn: 'arn:aws:s3:::spinbay' },
    object: { key, size: 1024, eTag: 'd41d8cd98f00b204e9800998ecf8427e', sequencer: '0055AED6DCD90281E5' },
  },
});
const message = (...records: unknown[]) => parseS3Message(JSON.stringify({ Records: records }));
const keysOf = (result: ReturnType<typeof parseS3Message>) =>
  result.kind === 'created' ? result.objects.map((object) => object.key) : result;

test('a new object has its bucket, key and size', () => {
  expect(message(record('org/a/b.jpg'))).toEqual({
    kind: 'created',
    objects: [{ bucket: 'spinbay', key: 'org/a/b.jpg', size: 1024 }],
  });
});

test('keys are decoded as S3 encodes them', () => {
  expect(keysOf(message(record('a+b.jpg')))).toEqual(['a b.jpg']);
  expect(keysOf(message(record('a%2Bb.jpg')))).toEqual(['a+b.jpg']);
  expect(keysOf(message(record('caf%C3%A9%2F%25.jpg')))).toEqual(['café/%.jpg']);
  expect(message(record('100%.jpg'))).toEqual({ kind: 'foreign', why: 'a key is not URL-encoded' });
});

test('a message that Spinbay makes is parsed like one from S3', () => {
  const keys = fc.string({ minLength: 1, unit: 'grapheme' });
  fc.assert(
    fc.property(keys, (key) => {
      const read = parseS3Message(s3Message({ bucket: 'spinbay', key }));
      expect(read).toEqual({ kind: 'created', objects: [{ bucket: 'spinbay', key, size: null }] });
    }),
  );
});

test('a message may have several objects; records other than creations are left out', () => {
  const several = message(
    record('a.jpg'),
    record('gone.jpg', 'ObjectRemoved:Delete'),
    record('b.jpg', 'ObjectCreated:CompleteMultipartUpload'),
  );
  expect(keysOf(several)).toEqual(['a.jpg', 'b.jpg']);
  expect(message()).toEqual({ kind: 'created', objects: [] });
});

test('the test message that S3 sends during set-up is recognized', () => {
  const body = { Service: 'Amazon S3', Event: 's3:TestEvent', Time: '2026-05-04T09:30:00.000Z', Bucket: 'spinbay' };
  expect(parseS3Message(JSON.stringify(body))).toEqual({ kind: 'test' });
});

test.each([
  ['not JSON', 'hello'],
  ['nothing', ''],
  ['null', 'null'],
  ['a list', '[]'],
  ['an object of another kind', '{"hello":"world"}'],
  ['another source', JSON.stringify({ Records: [{ ...record('a.jpg'), eventSource: 'aws:ses' }] })],
  ['no key', JSON.stringify({ Records: [{ ...record('a.jpg'), s3: { bucket: { name: 'b' }, object: {} } }] })],
  ['too many records', JSON.stringify({ Records: Array.from({ length: 1001 }, () => record('a.jpg')) })],
])('%s is not accepted as an S3 event, and the result says why', (_, body) => {
  const result = parseS3Message(body);
  expect(result.kind).toBe('foreign');
  if (result.kind === 'foreign') expect(result.why.length).toBeGreaterThan(5);
  if (result.kind === 'foreign') expect(result.why.length).toBeLessThanOrEqual(500);
});

test('the parser never throws', () => {
  const parse = (body: string) => void parseS3Message(body);
  fc.assert(fc.property(fc.string(), parse));
  fc.assert(fc.property(fc.json({ maxDepth: 4 }), parse));
  fc.assert(fc.property(fc.string({ unit: 'binary' }), (key) => void message(record(key))));
  // Replaces one part of a valid message with an arbitrary value.
  const paths = [
    'eventSource',
    'eventName',
    's3.bucket',
    's3.bucket.name',
    's3.object',
    's3.object.key',
    's3.object.size',
  ];
  fc.assert(
    fc.property(fc.constantFrom(...paths), fc.jsonValue({ maxDepth: 2 }), (path, value) => {
      const body = JSON.stringify({ Records: [record('a.jpg')] }, undefined, 0);
      const [name = ''] = path.split('.').slice(-1);
      parse(
        body.replace(new RegExp(`("${name}":)("[^"]*"|\\d+)`), `$1${JSON.stringify(value).replaceAll('$', '$$$$')}`),
      );
    }),
  );
});
