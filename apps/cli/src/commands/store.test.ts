import { randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type LocalCloud, startLocalCloud } from '@spinbay/local-cloud';
import { startTestPostgres, type TestPostgres } from '@spinbay/local-postgres/testing';
import { createObjects } from '@spinbay/objects';
import { createQueue } from '@spinbay/queue';
import { createLogger } from '@spinbay/runtime';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { store } from './store.ts';

const credentials = { accessKeyId: 'test', secretAccessKey: randomBytes(20).toString('hex') };
const region = 'us-east-1';

let folder: string;
let postgres: TestPostgres;
let cloud: LocalCloud;
const printed: string[] = [];

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'spinbay-store-'));
  postgres = await startTestPostgres();
  const log = createLogger({ name: 'cloud', level: 'silent' });
  const server = { host: '127.0.0.1', port: 0, dataDir: folder, databaseUrl: postgres.url, region, log };
  cloud = await startLocalCloud({ ...server, accessKeys: [credentials] });
  const environment = {
    S3_ENDPOINT: cloud.url,
    S3_BUCKET: 'photos',
    AWS_REGION: region,
    AWS_ACCESS_KEY_ID: credentials.accessKeyId,
    AWS_SECRET_ACCESS_KEY: credentials.secretAccessKey,
    SPINBAY_PORTAL_URL: 'https://photos.example',
    SPINBAY_CAPTURE_URL: 'https://photos.example/capture',
  };
  for (const [setting, value] of Object.entries(environment)) vi.stubEnv(setting, value);
  vi.spyOn(process.stdout, 'write').mockImplementation((text) => {
    printed.push(String(text));
    return true;
  });
});
afterAll(async () => {
  vi.restoreAllMocks();
  vi.unstubAllEnvs();
  await cloud?.close();
  await postgres?.stop();
  await rm(folder, { recursive: true, force: true });
});

test('creates the bucket and its queue once, for the pages of one address', async () => {
  expect(await store.run(['create'])).toBe(0);
  expect(await store.run(['create'])).toBe(0);
  const queueUrl = `${cloud.url}/000000000000/spinbay-images`;
  expect(printed).toEqual(Array(2).fill(`The bucket photos sends its events to ${queueUrl}\n`));
  await createObjects({ endpoint: cloud.url, region, bucket: 'photos', credentials }).ready();
  const queue = createQueue({ endpoint: cloud.url, region, queueUrl, credentials });
  expect(await queue.deadLetterDepth()).toBe(0);
  queue.close();
  const preflight = (origin: string) =>
    fetch(`${cloud.url}/photos/x`, {
      method: 'OPTIONS',
      headers: { origin, 'access-control-request-method': 'PUT' },
    });
  expect((await preflight('https://photos.example')).status).toBe(200);
  expect((await preflight('https://other.example')).status).toBe(403);
});

test('names the store and the reason if it refuses', async () => {
  vi.stubEnv('AWS_SECRET_ACCESS_KEY', 'wrong');
  await expect(store.run(['create'])).rejects.toThrow(
    `The store at ${cloud.url} did not create the bucket and the queue (SignatureDoesNotMatch`,
  );
});
