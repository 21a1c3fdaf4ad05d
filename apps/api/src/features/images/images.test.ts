import { randomUUID } from 'node:crypto';
import type { Client } from '@spinbay/client';
import { type Image, ImageId, type Session, thumbKey } from '@spinbay/contracts';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  complete,
  frame,
  refusal,
  startSpin,
  startTestApi,
  type TestApi,
  type TestOrg,
  upload,
} from '../../testing.ts';

let api: TestApi;
let org: TestOrg;
let device: Client;
let reviewer: Client;
beforeAll(async () => {
  api = await startTestApi();
  org = await api.makeOrg();
  device = await api.device(org);
  reviewer = await api.as(org, 'reviewer');
});
afterAll(() => api?.stop());

const newSpin = () => startSpin(device, org.siteIds[0], `S-${randomUUID()}`);

/** Uploads and completes one frame of a spin. */
async function shoot(client: Client, session: Session, angle: number, status?: 'processed' | 'failed') {
  const reserved = await upload(client, session.id, angle);
  await complete(api.database, reserved.storage_key, status);
  return reserved.image_id;
}

describe('GET /images', () => {
  const list = async (session: Session, query: object = {}, by: Client = reviewer) =>
    by.listImages({ query: { session_id: session.id, ...query } });
  const itemsOf = (reply: Awaited<ReturnType<typeof list>>): Image[] => (reply.status === 200 ? reply.body.items : []);

  test('sessions of two organizations with the same id have separate galleries', async () => {
    const session = await newSpin();
    const other = await api.makeOrg();
    const there = await api.device(other);
    const { id } = session;
    const created = await there.createSession({
      body: { id, site_id: other.siteIds[0], vehicle: { stock: 'SAME-ID' }, mode: 'studio360' },
    });
    expect(created.status).toBe(201);
    const same = created.body as Session;
    // The same changes in the same order, so that both sessions have the same version.
    const [ours, theirs] = [await shoot(device, session, 15), await shoot(there, same, 15)];
    const [here, elsewhere] = [await list(session), await list(same, {}, await api.as(other, 'reviewer'))];
    expect(itemsOf(here).map((image) => image.id)).toEqual([ours]);
    expect(itemsOf(elsewhere).map((image) => image.id)).toEqual([theirs]);
    expect(here.headers.etag).not.toBe(elsewhere.headers.etag);
  });

  test('returns the fields of an image, with signed thumbnails', async () => {
    const session = await newSpin();
    const id = await shoot(device, session, 15);
    const [image] = itemsOf(await list(session));
    const key = image?.storage_key ?? '';
    expect(image).toMatchObject({
      id,
      session_id: session.id,
      angle_deg: 15,
      shot_name: null,
      status: 'processed',
      thumb_keys: { 150: `${key}_thumb_150.jpg`, 600: `${key}_thumb_600.jpg`, 1200: `${key}_thumb_1200.jpg` },
      qc: { sharpness: { score: 500, status: 'pass' }, exposure: { status: 'pass' } },
      qc_version: 1,
      failure: null,
      width: 4032,
      height: 3024,
      size_bytes: 1_000,
      superseded: false,
      slot: { position: 1, published_image_id: null, replacement_waiting: false },
      published_at: null,
      published_by: null,
      override: false,
    });
    expect(image?.created_at).toMatch(/^\d{4}-\d\d-\d\dT/);
    await api.objects.put(thumbKey(key, 600), new Uint8Array([7]), { contentType: 'image/jpeg' });
    const thumb = await fetch(image?.thumb_urls?.[600] ?? '');
    expect([thumb.status, ...new Uint8Array(await thumb.arrayBuffer())]).toEqual([200, 7]);
  });

  test('a spin is sorted by angle, stills by time', async () => {
    const spin = await newSpin();
    for (const angle of [90, 345, 0, 15]) await upload(device, spin.id, angle);
    expect(itemsOf(await list(spin)).map((image) => image.angle_deg)).toEqual([0, 15, 90, 345]);

    const { body: stills } = await device.createSession({
      body: { site_id: org.siteIds[0], vehicle: { stock: `S-${randomUUID()}` }, mode: 'stills' },
    });
    for (const shot_name of ['rear', 'front', 'left'])
      await device.presignImage({ body: { ...frame(stills.id), file_name: 'x.jpg', shot_name } });
    expect(itemsOf(await list(stills)).map((image) => image.shot_name)).toEqual(['rear', 'front', 'left']);
  });

  test('a retake replaces the first frame, which can still be requested', async () => {
    const session = await newSpin();
    const first = await shoot(device, session, 15);
    const second = await shoot(device, session, 15);
    expect(itemsOf(await list(session)).map((image) => image.id)).toEqual([second]);
    const all = itemsOf(await list(session, { superseded: 'true' }));
    expect(new Map(all.map((image) => [image.id, image.superseded]))).toEqual(
      new Map([
        [first, true],
        [second, false],
      ]),
    );
    // A bad frame does not replace a good one.
    await shoot(device, session, 15, 'failed');
    expect(itemsOf(await list(session)).map((image) => image.id)).toEqual([second]);
  });

  test('is paged', async () => {
    const session = await newSpin();
    for (const angle of [0, 15, 30]) await upload(device, session.id, angle);
    const page = await list(session, { limit: 2, offset: 2 });
    expect(page).toMatchObject({ status: 200, body: { total: 3, items: [{ angle_deg: 30 }] } });
    expect(await list(session, { limit: 2, offset: 4 })).toMatchObject({ status: 200, body: { total: 3, items: [] } });
    await shoot(device, session, 0);
    await shoot(device, session, 0);
    expect((await list(session, { offset: 9 })).body).toEqual({ total: 3, items: [] });
    expect((await list(session, { offset: 9, superseded: 'true' })).body).toEqual({ total: 5, items: [] });
    expect((await list(await newSpin())).body).toEqual({ total: 0, items: [] });
    expect(await refusal(list(session, { limit: 201 }))).toBe('400 validation_failed');
  });

  test('an unchanged gallery gives a 304, and a changed one a new reply', async () => {
    const session = await newSpin();
    const poll = (etag = '', query: object = {}) =>
      reviewer.listImages({ query: { session_id: session.id, ...query } }, { headers: { 'if-none-match': etag } });
    const tagOf = (reply: { headers: Record<string, string> }) => reply.headers.etag ?? '';
    const empty = await poll();
    expect(tagOf(empty)).toMatch(/^W\/"[\w-]{22}"$/);
    expect(empty.headers['cache-control']).toBe('no-store');
    expect((await poll(tagOf(empty))).status).toBe(304);

    const { storage_key, image_id } = await upload(device, session.id, 0);
    const pending = await poll(tagOf(empty));
    expect(pending.status).toBe(200);
    await complete(api.database, storage_key);
    const processed = await poll(tagOf(pending));
    expect(processed.status).toBe(200);
    await reviewer.publishImage({ params: { image_id } });
    const published = await poll(tagOf(processed));
    expect(published.status).toBe(200);

    const same = await poll(tagOf(published));
    expect(same).toMatchObject({ status: 304, body: null });
    expect(tagOf(same)).toBe(tagOf(published));
    // In a list, and without the prefix of weak tags.
    expect((await poll(`"other", ${tagOf(published)}`)).status).toBe(304);
    expect((await poll(tagOf(published).replace('W/', ''))).status).toBe(304);
    expect((await poll(tagOf(published), { limit: 1 })).status).toBe(200);
    expect((await poll(tagOf(published), { superseded: 'true' })).status).toBe(200);
  });

  test('a publisher’s new name reaches the galleries that show it', async () => {
    const mine = await api.makeOrg();
    const phone = await api.device(mine);
    const [by, admin] = [await api.as(mine, 'reviewer'), await api.as(mine, 'admin')];
    const session = await startSpin(phone, mine.siteIds[0], 'S-1');
    await by.publishImage({ params: { image_id: await shoot(phone, session, 0) } });
    const before = await list(session, {}, by);
    const users = (await admin.listUsers()).body.items;
    const user_id = users.find(({ role }) => role === 'reviewer')?.id ?? ('' as never);
    await admin.updateUser({ params: { user_id }, body: { name: 'Renamed' } });
    const poll = (etag = '') =>
      by.listImages({ query: { session_id: session.id } }, { headers: { 'if-none-match': etag } });
    const after = await poll(before.headers.etag);
    expect(after).toMatchObject({ status: 200, body: { items: [{ published_by: { name: 'Renamed' } }] } });
    expect((await poll(after.headers.etag)).status).toBe(304);
  });

  test('the ETag changes with publishing, undo, an override and a replaced frame, but not with invisible changes', async () => {
    const session = await newSpin();
    const good = await shoot(device, session, 0);
    const bad = await shoot(device, session, 15, 'failed');
    const tagOf = async () => (await list(session)).headers.etag;
    let tag = await tagOf();
    const changes = async (change: () => Promise<unknown>) => {
      const before = tag;
      await change();
      tag = await tagOf();
      return tag !== before;
    };
    const publish = (image_id: ImageId, body?: { override: boolean }) => () =>
      reviewer.publishImage({ params: { image_id }, ...(body ? { body } : {}) });
    const unpublish = (image_id: ImageId) => () => reviewer.unpublishImage({ params: { image_id } });
    const all = () => reviewer.publishSession({ params: { session_id: session.id } });
    expect(await changes(publish(good))).toBe(true);
    expect(await changes(publish(good))).toBe(false);
    expect(await changes(unpublish(good))).toBe(true);
    expect(await changes(unpublish(good))).toBe(false);
    expect(await changes(() => refusal(publish(bad)()))).toBe(false);
    expect(await changes(publish(bad, { override: true }))).toBe(true);
    expect(await changes(unpublish(bad))).toBe(true);
    expect(await changes(all)).toBe(true);
    expect(await changes(all)).toBe(false);
    // Another frame of the slot is announced and replaces the first one if it is good.
    const again = { ...frame(session.id), file_name: 'angle_0.jpg', image_id: ImageId.parse(randomUUID()) };
    let key = '';
    const announce = async () => {
      key = (await device.presignImage({ body: again })).body.storage_key;
    };
    expect(await changes(announce)).toBe(true);
    expect(await changes(announce)).toBe(false);
    expect(itemsOf(await list(session)).map((image) => image.id)).toEqual([good, bad]);
    expect(await changes(() => complete(api.database, key))).toBe(true);
    expect(itemsOf(await list(session)).map((image) => image.id)).toEqual([again.image_id, bad]);
    // Clients that poll the frames read the session again when its status changes.
    expect(
      await changes(() => device.updateSession({ params: { session_id: session.id }, body: { status: 'completed' } })),
    ).toBe(true);
    // A change that is not part of the reply.
    expect(await changes(async () => await newSpin())).toBe(false);
  });

  test('thumbnails keep their URLs between polls', async () => {
    const session = await newSpin();
    await shoot(device, session, 0);
    const first = itemsOf(await list(session));
    await upload(device, session.id, 15);
    const second = itemsOf(await list(session));
    expect(first[0]?.thumb_urls).not.toBeNull();
    expect(second[0]?.thumb_urls).toEqual(first[0]?.thumb_urls);
    const { body } = await reviewer.getSession({ params: { session_id: session.id } });
    expect(body.cover).toEqual({ image_id: first[0]?.id, url: first[0]?.thumb_urls?.[150] });
  });
});

describe('GET /images/:image_id and its original', () => {
  test('a single image equals its entry in the list', async () => {
    const session = await newSpin();
    const image_id = await shoot(device, session, 15);
    await reviewer.publishImage({ params: { image_id } });
    const { body } = await reviewer.getImage({ params: { image_id } });
    const listed = await reviewer.listImages({ query: { session_id: session.id } });
    expect(listed.body?.items).toEqual([body]);
    expect(body).toMatchObject({ session_id: session.id, angle_deg: 15, status: 'published' });
  });

  test('the original has a signed URL with its expiry', async () => {
    const session = await newSpin();
    const { storage_key, image_id } = await upload(device, session.id, 30);
    await api.objects.put(storage_key, new Uint8Array([1, 2, 3]), { contentType: 'image/jpeg' });
    await complete(api.database, storage_key);
    const { body } = await reviewer.getOriginal({ params: { image_id } });
    const photo = await fetch(body.url);
    expect([photo.status, ...new Uint8Array(await photo.arrayBuffer())]).toEqual([200, 1, 2, 3]);
    expect(photo.headers.get('content-disposition')).toBe('inline; filename="angle_30.jpg"');
    const { searchParams } = new URL(body.url);
    const signedAt = searchParams.get('X-Amz-Date')?.replace(/^(....)(..)(..T..)(..)/, '$1-$2-$3:$4:') ?? '';
    const end = Date.parse(signedAt) + Number(searchParams.get('X-Amz-Expires')) * 1000;
    expect(new Date(body.expires_at).getTime()).toBe(end);
    expect((await reviewer.getOriginal({ params: { image_id } })).body).toEqual(body);
  });

  test('a photo that was not processed has no original, and callers without access to a photo cannot get its original', async () => {
    const session = await newSpin();
    const { image_id } = await upload(device, session.id, 0);
    expect(await refusal(reviewer.getOriginal({ params: { image_id } }))).toBe('404 image_not_found');
    expect((await reviewer.getImage({ params: { image_id } })).body.status).toBe('pending');

    const arrived = { params: { image_id: await shoot(device, session, 15) } };
    const [, south = org.siteIds[0]] = org.siteIds;
    const there = await startSpin(device, south, `S-${randomUUID()}`);
    const atSouth = { params: { image_id: await shoot(device, there, 15) } };
    const other = await api.as(await api.makeOrg(), 'admin');
    const operator = await api.as(org, 'operator');
    for (const [by, of] of [
      [other, arrived],
      [operator, atSouth],
    ] as const) {
      expect(await refusal(by.getImage(of))).toBe('404 image_not_found');
      expect(await refusal(by.getOriginal(of))).toBe('404 image_not_found');
    }
    expect(await refusal(device.getImage(arrived))).toBe('403 forbidden');
    expect(await refusal(device.getOriginal(arrived))).toBe('403 forbidden');
    expect((await operator.getOriginal(arrived)).status).toBe(200);
  });
});
