import { randomUUID } from 'node:crypto';
import { type Client, createClient, uploadFrame } from '@spinbay/client';
import { ImageId, parseS3Message, type UploadKind } from '@spinbay/contracts';
import { QueueUnavailable } from '@spinbay/queue';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { complete, frame, photo, refusal, startSpin, startTestApi, type TestApi, type TestOrg } from '../../testing.ts';

/* An object store that sends no events. */

let api: TestApi;
let org: TestOrg;
let device: Client & { token: string };
beforeAll(async () => {
  api = await startTestApi({ uploadHints: true, events: false });
  org = await api.makeOrg();
  device = await api.device(org);
});
afterAll(() => api?.stop());
beforeEach(async () => {
  await received();
});

/** Receives all messages of the queue. @returns the keys of their photos */
async function received(): Promise<string[]> {
  const keys: string[] = [];
  for (;;) {
    const messages = await api.queue.receive({ max: 10, waitSeconds: 0, visibilitySeconds: 60 });
    if (messages.length === 0) return keys;
    for (const { body, receiptHandle } of messages) {
      const message = parseS3Message(body);
      if (message.kind === 'created') keys.push(...message.objects.map(({ key }) => key));
      await api.queue.delete(receiptHandle);
    }
  }
}

async function announce(more: { image_id?: ImageId; kind?: UploadKind } = {}) {
  const session = await startSpin(device, org.siteIds[0], `S-${randomUUID()}`);
  const { bytes, sha256 } = photo();
  const { body } = await device.presignImage({ body: { ...frame(session.id, sha256), ...more } });
  return { ...body, bytes };
}

const confirm = (image_id: ImageId, kind: UploadKind = 'original', by: Client = device) =>
  by.confirmUpload({ params: { image_id }, body: { kind } });

const isDown = () => Promise.reject(new QueueUnavailable('the queue is down', null));

test('without store events the client confirms its upload, and the worker gets a message', async () => {
  const upload = await announce();
  expect(upload.confirm_upload).toBe(true);
  await uploadFrame(upload, upload.bytes);
  expect(await received()).toEqual([]);
  await confirm(upload.image_id);
  expect(await received()).toEqual([upload.storage_key]);
});

test('repeated and concurrent confirmations send one message, and none after the worker has seen the photo', async () => {
  const upload = await announce({ kind: 'preview' });
  await uploadFrame(upload, upload.bytes);
  const replies = await Promise.all([1, 2, 3, 4].map(() => confirm(upload.image_id, 'preview')));
  expect(replies.map(({ body }) => body.queued).sort()).toEqual([false, false, false, true]);
  expect(await received()).toEqual([upload.storage_key]);
  await api.database.admin.query(`update uploads set requeued_at = now() - interval '1 hour' where storage_key = $1`, [
    upload.storage_key,
  ]);
  await complete(api.database, upload.storage_key);
  expect((await confirm(upload.image_id, 'preview')).body.queued).toBe(false);
  expect(await received()).toEqual([]);
});

test('a confirmation is refused before the upload and accepted after it', async () => {
  const upload = await announce();
  expect(await refusal(confirm(upload.image_id))).toBe('409 upload_missing');
  await uploadFrame(upload, upload.bytes);
  expect((await confirm(upload.image_id)).body).toEqual({ image_id: upload.image_id, kind: 'original', queued: true });
  expect(await received()).toEqual([upload.storage_key]);
});

test('only callers who may announce a frame may confirm it', async () => {
  const upload = await announce();
  await uploadFrame(upload, upload.bytes);
  const stranger = await api.device(await api.makeOrg());
  expect(await refusal(confirm(upload.image_id, 'original', stranger))).toBe('404 image_not_found');
  expect(await refusal(confirm(ImageId.parse(randomUUID())))).toBe('404 image_not_found');
  expect(await refusal(confirm(upload.image_id, 'preview'))).toBe('404 image_not_found');
  const operator = await api.as(org, 'operator');
  await api.database.admin.query('delete from user_site_access where org_id = $1', [org.orgId]);
  expect(await refusal(confirm(upload.image_id, 'original', operator))).toBe('404 image_not_found');
  expect(await received()).toEqual([]);
});

test('a queue that is down gives a 503, and the next confirmation works', async () => {
  const upload = await announce();
  await uploadFrame(upload, upload.bytes);
  const down = await api.another({ queue: { send: isDown } });
  const there = createClient({ baseUrl: down.url, token: () => device.token });
  expect(await refusal(confirm(upload.image_id, 'original', there))).toBe('503 unavailable');
  expect((await confirm(upload.image_id)).body.queued).toBe(true);
});

const requeuedAt = async (key: string): Promise<Date | null> => {
  const { rows } = await api.database.admin.query('select requeued_at from uploads where storage_key = $1', [key]);
  return rows[0].requeued_at;
};
const setRequeuedAt = (key: string, at: Date) =>
  api.database.admin.query('update uploads set requeued_at = $2 where storage_key = $1', [key, at]);

test('a failed confirmation keeps the time at which the reconciler queued a message before', async () => {
  const upload = await announce();
  const at = new Date(Date.now() - 60_000);
  await setRequeuedAt(upload.storage_key, at);
  expect(await refusal(confirm(upload.image_id))).toBe('409 upload_missing');
  expect(await requeuedAt(upload.storage_key)).toEqual(at);
  await uploadFrame(upload, upload.bytes);
  const down = await api.another({ queue: { send: isDown } });
  const there = createClient({ baseUrl: down.url, token: () => device.token });
  expect(await refusal(confirm(upload.image_id, 'original', there))).toBe('503 unavailable');
  expect(await requeuedAt(upload.storage_key)).toEqual(at);
});

test('without a queue, a confirmation changes nothing', async () => {
  const upload = await announce();
  await uploadFrame(upload, upload.bytes);
  const without = await api.another({ queue: null });
  const there = createClient({ baseUrl: without.url, token: () => device.token });
  expect((await confirm(upload.image_id, 'original', there)).body.queued).toBe(false);
  expect(await requeuedAt(upload.storage_key)).toBeNull();
  expect((await confirm(upload.image_id)).body.queued).toBe(true);
});

test('a failed confirmation keeps the time of a message that was queued meanwhile', async () => {
  const upload = await announce();
  await uploadFrame(upload, upload.bytes);
  const at = new Date(Date.now() + 1_000);
  const send = () => setRequeuedAt(upload.storage_key, at).then(isDown);
  const down = await api.another({ queue: { send } });
  const there = createClient({ baseUrl: down.url, token: () => device.token });
  expect(await refusal(confirm(upload.image_id, 'original', there))).toBe('503 unavailable');
  expect(await requeuedAt(upload.storage_key)).toEqual(at);
});

test('with store events clients need not confirm uploads', async () => {
  const usual = await api.another({ uploadHints: false });
  const there = createClient({ baseUrl: usual.url, token: () => device.token });
  const session = await startSpin(there, org.siteIds[0], `S-${randomUUID()}`);
  const { body } = await there.presignImage({ body: frame(session.id) });
  expect(body.confirm_upload).toBe(false);
});
