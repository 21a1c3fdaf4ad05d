import { ensurePhotoBucket } from '@spinbay/local-cloud/set-up';
import { startTestCloud, type TestCloud } from '@spinbay/local-cloud/testing';
import { createObjects } from '@spinbay/objects';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { launch, makePlace } from '../e2e/support/installation.ts';
import { sendSpin } from '../s3-store/send-spin.ts';

/* An object store elsewhere, with credentials and a region of its own, that sends no events. */

let store: TestCloud;
beforeAll(async () => {
  store = await startTestCloud({ region: 'elsewhere-1' });
  const corsOrigins = ['http://127.0.0.1:4200'];
  await ensurePhotoBucket({ ...store, bucket: 'photos', corsOrigins });
});
afterAll(async () => {
  await store?.stop();
});

test('a spin passes through another object store without tags, with the local queue', async () => {
  const objects = createObjects({ ...store, bucket: 'photos' });
  const settings = {
    S3_ENDPOINT: store.endpoint,
    S3_BUCKET: 'photos',
    S3_REGION: store.region,
    S3_ACCESS_KEY_ID: store.credentials.accessKeyId,
    S3_SECRET_ACCESS_KEY: store.credentials.secretAccessKey,
    S3_TAGS: 'off',
  };
  const sent = await sendSpin(settings, objects);
  objects.close();
  expect(sent.states).toEqual(Array(24).fill('processed'));
  // Three thumbnails and the original of each frame.
  expect(sent.pictures).toBe(96);
  expect(sent.requeues).toBe(0);
});

test.each([
  ['S3_ACCESS_KEY_ID', { S3_ENDPOINT: 'http://127.0.0.1:1' }],
  ['S3_SECRET_ACCESS_KEY', { S3_ENDPOINT: 'http://127.0.0.1:1', S3_ACCESS_KEY_ID: 'x' }],
  ['S3_ENDPOINT', { S3_REGION: 'elsewhere-1' }],
])('a start without %s says so', async (missing, settings) => {
  const place = await makePlace();
  const env = { ...place.env, SQS_ENDPOINT: '', SQS_QUEUE_URL: '', ...settings };
  const { process: child, printed } = launch({ ...place, env }, ['--no-sample']);
  await expect.poll(() => child.exitCode, { timeout: 60_000 }).toBe(1);
  expect(printed()).toContain(`${missing} is not`);
  await place.remove();
});
