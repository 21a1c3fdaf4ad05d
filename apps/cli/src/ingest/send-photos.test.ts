import { mkdir, mkdtemp, readdir, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import sharp from 'sharp';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startSpin, startTestApi, type TestApi } from '../../../api/src/testing.ts';
import { connectAsDevice } from './device-client.ts';
import { openIngestState } from './ingest-state.ts';
import { readPhoto } from './read-photo.ts';
import { openSessionOutbox, type PhotoToSend, sendPhotos } from './send-photos.ts';

let api: TestApi;
let parent: string;
beforeAll(async () => {
  api = await startTestApi();
  parent = await mkdtemp(join(tmpdir(), 'spinbay-send-photos-'));
});
afterAll(async () => {
  await api?.stop();
  await rm(parent, { recursive: true, force: true });
});

async function photoAt(angle_deg: number, bytes: Uint8Array): Promise<PhotoToSend> {
  const file = `angle_${angle_deg}.jpg`;
  const path = join(parent, file);
  await writeFile(path, bytes);
  const facts = await readPhoto(path);
  if ('refused' in facts) throw new Error(facts.refused);
  const slot = { angle_deg, shot_name: null };
  return { ...{ file, path, slot }, ...facts, contentType: 'image/jpeg', capturedBy: 'camera' };
}

test('sends a small preview of each photo before the originals, and the original alone if there is no preview', async () => {
  const org = await api.makeOrg();
  const state = openIngestState(join(parent, 'state'), api.url, org.orgId);
  const client = await connectAsDevice(api.url, org.orgId, state, '1.0.0');
  const session = await startSpin(client, org.siteIds[0], 'PREVIEWS');
  const noise = await sharp({
    create: {
      width: 1600,
      height: 1200,
      channels: 3,
      background: '#888',
      noise: { type: 'gaussian', mean: 128, sigma: 30 },
    },
  })
    .jpeg({ quality: 95 })
    .toBuffer();
  const other = await sharp(noise).negate().jpeg({ quality: 95 }).toBuffer();
  const photos = [await photoAt(0, noise), await photoAt(15, other), await photoAt(30, noise.subarray(0, 200_000))];
  const folder = join(parent, 'outbox');
  await mkdir(folder);
  const announced: string[] = [];
  const presignImage: typeof client.presignImage = (request, options) => {
    announced.push(`${request.body.kind ?? 'original'} ${request.body.angle_deg}`);
    return client.presignImage(request, options);
  };
  const outbox = await openSessionOutbox({ ...client, presignImage }, folder, session);
  const sent = await sendPhotos(outbox, session.id, photos, { withPreviews: true, onProgress: () => undefined });
  await outbox.stop();
  expect(sent.map(({ kind }) => kind)).toEqual(['sent', 'sent', 'sent']);
  for (const angle of [0, 15])
    expect(announced.lastIndexOf(`original ${angle}`)).toBeGreaterThan(announced.indexOf(`preview ${angle}`));
  const { rows } = await api.database.admin.query<{ angle: number; kind: string; size: number }>(
    `select angle_deg::int as angle, kind, content_length::int as size
     from uploads join images on images.id = image_id where uploads.session_id = $1`,
    [session.id],
  );
  const byAngle = rows.sort((a, b) => a.angle - b.angle || a.size - b.size);
  expect(byAngle.map(({ angle, kind }) => [angle, kind])).toEqual([
    [0, 'preview'],
    [0, 'original'],
    [15, 'preview'],
    [15, 'original'],
    [30, 'original'],
  ]);
  for (const k of [0, 2]) expect(byAngle[k]?.size).toBeLessThan((byAngle[k + 1]?.size ?? 0) / 3);
  expect(await readdir(folder)).not.toContain('previews');
});

test('a preview that cannot be stored does not stop its photo', async () => {
  const org = await api.makeOrg();
  const state = openIngestState(join(parent, 'other-state'), api.url, org.orgId);
  const client = await connectAsDevice(api.url, org.orgId, state, '1.0.0');
  const session = await startSpin(client, org.siteIds[0], 'NO-ROOM');
  const jpeg = await sharp({ create: { width: 1600, height: 1200, channels: 3, background: '#888' } })
    .jpeg()
    .toBuffer();
  const folder = join(parent, 'outbox-without-previews');
  const outbox = await openSessionOutbox(client, folder, session);
  await writeFile(join(folder, 'previews'), 'a file in place of the folder');
  const photos = [await photoAt(45, jpeg)];
  const sent = await sendPhotos(outbox, session.id, photos, { withPreviews: true, onProgress: () => undefined });
  await outbox.stop();
  expect(sent.map(({ kind }) => kind)).toEqual(['sent']);
});

test('a file that was cut short after it was read is refused by name, and the other photos are sent', async () => {
  const org = await api.makeOrg();
  const state = openIngestState(join(parent, 'truncated-state'), api.url, org.orgId);
  const client = await connectAsDevice(api.url, org.orgId, state, '1.0.0');
  const session = await startSpin(client, org.siteIds[0], 'TRUNCATED');
  const photos: PhotoToSend[] = [];
  for (const angle of [60, 75, 90]) {
    const create = { width: 1600, height: 1200, channels: 3 as const, background: { r: angle, g: 128, b: 128 } };
    photos.push(await photoAt(angle, await sharp({ create }).jpeg().toBuffer()));
  }
  await truncate(photos[1]?.path ?? '', 1_000);
  const folder = join(parent, 'outbox-truncated');
  const outbox = await openSessionOutbox(client, folder, session);
  const sent = await sendPhotos(outbox, session.id, photos, { withPreviews: false, onProgress: () => undefined });
  await outbox.stop();
  const why = expect.stringMatching(/^The file angle_75\.jpg has only 1000 of its \d+ bytes/);
  expect(sent).toMatchObject([{ kind: 'sent' }, { kind: 'refused', why }, { kind: 'sent' }]);
});
