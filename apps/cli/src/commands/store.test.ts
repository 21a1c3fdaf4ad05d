import { startTestCloud, type TestCloud } from '@spinbay/local-cloud/testing';
import { createObjects } from '@spinbay/objects';
import { createQueue } from '@spinbay/queue';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { store } from './store.ts';

let cloud: TestCloud;
const printed: string[] = [];

beforeAll(async () => {
  cloud = await startTestCloud();
  const environment = {
    S3_ENDPOINT: cloud.endpoint,
    S3_BUCKET: 'photos',
    AWS_REGION: cloud.region,
    AWS_ACCESS_KEY_ID: cloud.credentials.accessKeyId,
    AWS_SECRET_ACCESS_KEY: cloud.credentials.secretAccessKey,
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
  await cloud?.stop();
});

test('creates the bucket and its queue once, and allows only the origin of the pages', async () => {
  expect(await store.run(['create'])).toBe(0);
  expect(await store.run(['create'])).toBe(0);
  const queueUrl = `${cloud.endpoint}/000000000000/spinbay-images`;
  expect(printed).toEqual(Array(2).fill(`The bucket photos sends its events to ${queueUrl}\n`));
  await createObjects({ ...cloud, bucket: 'photos' }).ready();
  const queue = createQueue({ ...cloud, queueUrl });
  expect(await queue.deadLetterDepth()).toBe(0);
  queue.close();
  const preflight = (origin: string) =>
    fetch(`${cloud.endpoint}/photos/x`, {
      method: 'OPTIONS',
      headers: { origin, 'access-control-request-method': 'PUT' },
    });
  expect((await preflight('https://photos.example')).status).toBe(200);
  expect((await preflight('https://other.example')).status).toBe(403);
});

test('names the store and the reason if it refuses', async () => {
  vi.stubEnv('AWS_SECRET_ACCESS_KEY', 'wrong');
  await expect(store.run(['create'])).rejects.toThrow(
    `The store at ${cloud.endpoint} did not create the bucket and the queue (SignatureDoesNotMatch`,
  );
});
