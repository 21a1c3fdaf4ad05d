import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ConnectionError, UploadRefused } from '@spinbay/client';
import { BytesMissing } from '@spinbay/outbox';
import type { NativePhoto } from '../storage/photo-folder';
import { FakeTransfers, FakeUpload } from '../testing/fake-transfers';
import { openNodeFolder } from '../testing/node-folder';
import { BackgroundUploads } from './background-upload';

const put = { upload_url: 'https://store.example/a?X-Amz-Signature=1', headers: { 'content-type': 'image/jpeg' } };
let disk: string;
let photo: NativePhoto;

beforeEach(() => {
  disk = mkdtempSync(join(tmpdir(), 'spinbay-upload-'));
  writeFileSync(join(disk, 'a.jpg'), 'photo');
  photo = { uri: `file://${disk}/a.jpg`, size: 5 };
});
afterEach(() => rmSync(disk, { recursive: true, force: true }));

async function begin({ existing = [] as FakeUpload[], signal = new AbortController().signal } = {}) {
  const transfers = new FakeTransfers(existing);
  const uploads = await BackgroundUploads.open(transfers, openNodeFolder(disk));
  const sent: number[] = [];
  const done = uploads.upload(put, photo, (bytes) => sent.push(bytes), signal);
  // The caller waits for it later.
  done.catch(() => undefined);
  return { transfers, uploads, sent, done };
}

const running = (id: string) => Object.assign(new FakeUpload(id), { state: 'UPLOADING' as const });

test('a photo is uploaded from its file to the presigned URL, with exactly the signed headers', async () => {
  const { transfers, sent, done } = await begin();
  const [task] = transfers.created;
  expect(task?.options).toEqual({
    id: 'a.jpg',
    url: put.upload_url,
    source: `${disk}/a.jpg`,
    method: 'PUT',
    headers: put.headers,
  });
  expect(task?.state).toBe('UPLOADING');
  task?.handlers.progressHandler?.({ bytesUploaded: 3, bytesTotal: 5 });
  task?.answer(200);
  await done;
  expect(sent).toEqual([3]);
  expect(transfers.completed).toEqual(['a.jpg']);
});

test('after a restart, the outbox attaches to an upload that still runs, and does not send the photo again', async () => {
  const earlier = running('a.jpg');
  const { transfers, done } = await begin({ existing: [earlier] });
  expect(transfers.created).toEqual([]);
  earlier.answer(200);
  await expect(done).resolves.toBeUndefined();
});

test('a photo whose upload from before the restart fails is sent again', async () => {
  const earlier = running('a.jpg');
  const { transfers, uploads, done } = await begin({ existing: [earlier] });
  earlier.fail('The network connection was lost.');
  await expect(done).rejects.toBeInstanceOf(ConnectionError);
  const again = uploads.upload(put, photo, () => undefined, new AbortController().signal);
  transfers.created[0]?.answer(200);
  await again;
  expect(transfers.created).toHaveLength(1);
});

test('uploads that ended while the app was closed are reported to the system as handled', async () => {
  const ended = Object.assign(new FakeUpload('b.jpg'), { state: 'DONE' as const });
  const { transfers } = await begin({ existing: [ended] });
  expect(transfers.completed).toEqual(['b.jpg']);
  expect(transfers.created).toHaveLength(1);
});

test('a refusal by the store is distinguished from a page of a captive portal and a lost connection', async () => {
  const refused = await begin();
  refused.transfers.created[0]?.answer(403, '<Error><Code>AccessDenied</Code></Error>');
  await expect(refused.done).rejects.toMatchObject({ name: 'UploadRefused', status: 403, code: 'AccessDenied' });
  const portal = await begin();
  portal.transfers.created[0]?.answer(200, '<html>Welcome to the airport</html>');
  await expect(portal.done).rejects.toBeInstanceOf(ConnectionError);
  const silent = await begin();
  silent.transfers.created[0]?.fail('The Internet connection appears to be offline.');
  await expect(silent.done).rejects.toBeInstanceOf(ConnectionError);
  const asError = await begin();
  asError.transfers.created[0]?.fail('HTTP 503', 503);
  await expect(asError.done).rejects.toBeInstanceOf(UploadRefused);
});

test('an aborted upload is stopped', async () => {
  const controller = new AbortController();
  const { transfers, done } = await begin({ signal: controller.signal });
  controller.abort(new Error('left'));
  await expect(done).rejects.toThrow('left');
  expect(transfers.created[0]?.stopped).toBe(true);
});

test('a photo without its file is reported as missing, and nothing is sent', async () => {
  rmSync(join(disk, 'a.jpg'));
  const { transfers, done } = await begin();
  await expect(done).rejects.toBeInstanceOf(BytesMissing);
  expect(transfers.created).toEqual([]);
});
