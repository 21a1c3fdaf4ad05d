import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { findSettings } from './doctor.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'spinbay-doctor-'));
  for (const name of ['S3_ENDPOINT', 'SQS_ENDPOINT', 'SQS_QUEUE_URL', 'AWS_ACCESS_KEY_ID', 'AWS_SECRET_ACCESS_KEY'])
    vi.stubEnv(name, undefined);
  vi.stubEnv('SPINBAY_DATA_DIR', folder);
  const key = { accessKeyId: 'LOCAL', secretAccessKey: 'secret' };
  const passwords = { postgresPassword: 'a', ownerPassword: 'b', appPassword: 'c', cloudPassword: 'd' };
  const accessKeys = { admin: key, api: key, worker: key, eraser: key };
  await writeFile(join(folder, 'secrets.json'), JSON.stringify({ ...passwords, accessKeys }));
  await writeFile(join(folder, 'demo-users.json'), '[]');
});
afterEach(async () => {
  vi.unstubAllEnvs();
  await rm(folder, { recursive: true, force: true });
});

const store = 'http://127.0.0.1:4300';
const amazonQueue = 'https://sqs.eu-central-1.amazonaws.com/123456789012/images';
const run = (more: object) => {
  const pages = { api: 'http://127.0.0.1:1', portal: 'http://127.0.0.1:2', capture: 'http://127.0.0.1:3' };
  const rest = { oidc: 'http://127.0.0.1:4', database: 'postgres://spinbay_app@127.0.0.1:5/spinbay', demo: null };
  return writeFile(join(folder, 'endpoints.json'), JSON.stringify({ ...pages, ...rest, ...more }));
};

test('a local installation is checked with its own store, queue and keys', async () => {
  await run({ objects: store, queue: `${store}/000000000000/images` });
  expect(await findSettings()).toMatchObject({
    settings: { S3_ENDPOINT: store, SQS_ENDPOINT: store, AWS_ACCESS_KEY_ID: 'LOCAL' },
    photosFolder: folder,
  });
});

test.each([undefined, amazonQueue])(
  'a bucket and a queue at Amazon are checked without local addresses and keys, with SQS_QUEUE_URL %s',
  async (queueUrl) => {
    await run({ objects: null, queue: amazonQueue, has_local_queue: false });
    vi.stubEnv('SQS_QUEUE_URL', queueUrl);
    const { settings, photosFolder } = await findSettings();
    expect(settings.SQS_QUEUE_URL).toBe(amazonQueue);
    expect([settings.S3_ENDPOINT, settings.AWS_ACCESS_KEY_ID, settings.SQS_ENDPOINT]).toEqual(Array(3).fill(undefined));
    expect(photosFolder).toBe(null);
  },
);

test('the password of the database comes from its secret, unless the local database is checked', async () => {
  await run({ objects: null, queue: amazonQueue, has_local_queue: false });
  vi.stubEnv('DATABASE_SECRET', 'owner.json');
  vi.stubEnv('SQS_QUEUE_URL', amazonQueue);
  const database = 'postgres://spinbay_owner@db.test/spinbay';
  vi.stubEnv('DATABASE_URL', database);
  expect(await findSettings()).toMatchObject({ settings: { DATABASE_URL: database, DATABASE_SECRET: 'owner.json' } });
  // An empty setting counts as missing.
  vi.stubEnv('DATABASE_URL', '');
  const { settings } = await findSettings();
  expect(settings).toMatchObject({ DATABASE_URL: expect.stringContaining('@127.0.0.1:5/') });
  expect(settings.DATABASE_SECRET).toBeUndefined();
});

test('an installation that the settings name completely is checked although the addresses of this machine are damaged', async () => {
  const elsewhere = {
    SQS_QUEUE_URL: amazonQueue,
    DATABASE_URL: 'postgres://spinbay_app@db.test/spinbay',
    OIDC_ISSUER: 'https://id.test',
  };
  for (const [name, value] of Object.entries(elsewhere)) vi.stubEnv(name, value);
  await writeFile(join(folder, 'endpoints.json'), '{');
  expect(await findSettings()).toMatchObject({ settings: elsewhere, isLocal: false, photosFolder: null });
  vi.stubEnv('OIDC_ISSUER', undefined);
  await expect(findSettings()).rejects.toThrow(/endpoints\.json is damaged/);
});
