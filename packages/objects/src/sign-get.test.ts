import { GetObjectCommand } from '@aws-sdk/client-s3';
import { getSignedUrl } from '@aws-sdk/s3-request-presigner';
import { describe, expect, test } from 'vitest';
import { connect, type ObjectsOptions } from './connection.ts';
import { createGetSigner, readUrlsExpireAt } from './sign-get.ts';
import { createUrlSigner } from './sign-url.ts';

const credentials = { accessKeyId: 'AKIDEXAMPLE', secretAccessKey: 'wJalrXUtnFEMI/K7MDENG' };
const local = { endpoint: 'http://127.0.0.1:4300', region: 'us-east-1', bucket: 'spinbay', credentials };
const now = new Date('2026-05-04T09:41:27.512Z');
// Its CRC-32 is 0, so its windows start on the hour and the half hour.
const group = '';
const time = { now, group };
const opened = new Date('2026-05-04T09:30:00.000Z');

const stores: Record<string, ObjectsOptions> = {
  'a local server': local,
  'a server below a path': { ...local, endpoint: 'https://objects.example.com/s3' },
  'Amazon S3': { region: 'eu-central-1', bucket: 'photos-of-dealers', credentials },
  'Amazon S3, a bucket with dots': { region: 'eu-central-1', bucket: 'photos.of.dealers', credentials },
  'temporary credentials': { ...local, credentials: { ...credentials, sessionToken: 'FwoG/ZXIv+YXdz==' } },
};
const keys = ['org/a/site/b/c.jpg_thumb_150.jpg', "with blank/ü(1)'*!~+%&=?#.jpg", 'a//b', 'dots/../x'];

function parts(url: string) {
  const { origin, pathname, searchParams } = new URL(url);
  return { origin, pathname, raw: url.split('?')[0], query: Object.fromEntries(searchParams) };
}

describe.each(Object.entries(stores))('%s', (_name, options) => {
  test.each(keys)('signs %s like the SDK', async (key) => {
    const connection = connect(options);
    const command = new GetObjectCommand({ Bucket: options.bucket, Key: key });
    const expected = await getSignedUrl(connection.client, command, { expiresIn: 7200, signingDate: opened });
    const [url = ''] = await createGetSigner(createUrlSigner(connection)).sign([key], time);
    expect(parts(url)).toEqual(parts(expected));
  });

  test('signs the disposition of a reply like the SDK', async () => {
    const connection = connect(options);
    const disposition = 'inline; filename="angle_015.jpg"';
    const command = new GetObjectCommand({
      Bucket: options.bucket,
      Key: 'a.jpg',
      ResponseContentDisposition: disposition,
    });
    const expected = await getSignedUrl(connection.client, command, { expiresIn: 7200, signingDate: opened });
    const signer = createGetSigner(createUrlSigner(connection));
    const [plain] = await signer.sign(['a.jpg'], time);
    const [url = ''] = await signer.sign(['a.jpg'], time, disposition);
    expect(parts(url)).toEqual(parts(expected));
    expect(await signer.sign(['a.jpg'], time)).toEqual([plain]);
  });
});

test('keeps a URL for half an hour and changes the window together with it', async () => {
  const signer = createGetSigner(createUrlSigner(connect(local)));
  const at = async (time: string) => {
    const date = new Date(`2026-05-04T${time}Z`);
    return {
      url: (await signer.sign(['k.jpg'], { now: date, group }))[0],
      window: await signer.urlWindow({ now: date, group }),
    };
  };
  const first = await at('09:30:00.000');
  expect(await at('09:59:59.999')).toEqual(first);
  const next = await at('10:00:00.000');
  expect(next.url).not.toBe(first.url);
  expect(next.window).not.toBe(first.window);
});

test('rolls over each group once in half an hour, at different times', async () => {
  const signer = createGetSigner(createUrlSigner(connect(local)));
  const groups = Array.from({ length: 60 }, (_, k) => `session ${k}`);
  const half = Array.from({ length: 31 }, (_, minute) => new Date(opened.getTime() + minute * 60_000));
  const rolledIn = await Promise.all(
    groups.map(async (group) => {
      const windows = await Promise.all(half.map((now) => signer.urlWindow({ now, group })));
      expect(new Set(windows).size).toBe(2);
      for (const at of half) {
        const until = readUrlsExpireAt({ now: at, group }).getTime() - at.getTime();
        expect(until).toBeGreaterThan(1.5 * 3_600_000);
        expect(until).toBeLessThanOrEqual(2 * 3_600_000);
      }
      return windows.findIndex((window) => window !== windows[0]);
    }),
  );
  expect(new Set(rolledIn).size).toBeGreaterThan(15);
});

test('changes URL and window with the credentials', async () => {
  const signer = createGetSigner(createUrlSigner(connect(local)));
  const other = createGetSigner(
    createUrlSigner(connect({ ...local, credentials: { ...credentials, accessKeyId: 'AKIDOTHER' } })),
  );
  expect(await other.urlWindow(time)).not.toBe(await signer.urlWindow(time));
});

test('returns URLs in the order of their keys, cached or not', async () => {
  const signer = createGetSigner(createUrlSigner(connect(local)));
  const [b] = await signer.sign(['b.jpg'], time);
  const [first, second, third] = await signer.sign(['a.jpg', 'b.jpg', 'c.jpg'], time);
  expect(second).toBe(b);
  expect([first, third].map((url) => new URL(url ?? '').pathname)).toEqual(['/spinbay/a.jpg', '/spinbay/c.jpg']);
});

test('signs the 72 URLs of a poll much faster than the SDK', async () => {
  const connection = connect(local);
  const signer = createGetSigner(createUrlSigner(connection));
  const measure = async (sign: (key: string) => Promise<string>) => {
    for (let i = 0; i < 72; i++) await sign(`warm/${i}`);
    const before = process.cpuUsage();
    for (let i = 0; i < 144; i++) await sign(`key/${i}`);
    const { user, system } = process.cpuUsage(before);
    return user + system;
  };
  const ours = await measure(async (key) => (await signer.sign([key], time))[0] ?? '');
  const theirs = await measure((key) =>
    getSignedUrl(connection.client, new GetObjectCommand({ Bucket: 'spinbay', Key: key }), { expiresIn: 7200 }),
  );
  console.log(`signing a URL: ${ours / 144} µs of CPU, the SDK ${theirs / 144} µs`);
  expect(ours).toBeLessThan(theirs / 4);
});
