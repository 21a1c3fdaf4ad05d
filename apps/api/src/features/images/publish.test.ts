import { randomUUID } from 'node:crypto';
import { type Client, uploadFrame } from '@spinbay/client';
import { ImageId, type Session, SessionId } from '@spinbay/contracts';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  complete,
  frame,
  photo,
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
let operator: Client;
let reviewer: Client;
let admin: Client;
beforeAll(async () => {
  api = await startTestApi();
  org = await api.makeOrg();
  device = await api.device(org);
  [operator, reviewer, admin] = await Promise.all([
    api.as(org, 'operator'),
    api.as(org, 'reviewer'),
    api.as(org, 'admin'),
  ]);
});
afterAll(() => api?.stop());

const newSpin = () => startSpin(device, org.siteIds[0], `S-${randomUUID()}`);

/** Uploads and completes one frame of a spin. */
async function shoot(session: Session, angle: number, judged: 'pass' | 'warn' | 'failed' = 'pass') {
  const reserved = await upload(device, session.id, angle);
  if (judged === 'failed') await complete(api.database, reserved.storage_key, 'failed');
  else await complete(api.database, reserved.storage_key, 'processed', judged);
  return reserved.image_id;
}

/** An unreadable frame without a measurement. */
async function shootUnreadable(session: Session, angle: number) {
  const { image_id } = await upload(device, session.id, angle);
  await api.database.admin.query(
    `update images set status = 'failed', failure = '{"code":"not_an_image","message":"x"}' where id = $1`,
    [image_id],
  );
  return image_id;
}

async function eventsOf(imageId: ImageId) {
  const { rows } = await api.database.admin.query(
    `select type, actor_type, meta from events where entity_id = $1 order by created_at, id`,
    [imageId],
  );
  return rows as { type: string; actor_type: string; meta: unknown }[];
}

const publish = (image_id: ImageId, override?: boolean, by: Client = reviewer) =>
  by.publishImage({ params: { image_id }, ...(override === undefined ? {} : { body: { override } }) });
const unpublish = (image_id: ImageId, by: Client = reviewer) => by.unpublishImage({ params: { image_id } });

describe('POST /images/{id}/publish', () => {
  test('a frame with only a preview is published by an explicit choice, which is recorded', async () => {
    const session = await newSpin();
    const { bytes, sha256 } = photo();
    const { body: announced } = await device.presignImage({ body: { ...frame(session.id, sha256), kind: 'preview' } });
    const { image_id } = announced;
    await uploadFrame(announced, bytes);
    await complete(api.database, announced.storage_key);
    const original = reviewer.getOriginal({ params: { image_id } });
    expect(await refusal(original)).toBe('404 image_not_found');
    expect(await refusal(publish(image_id))).toBe('409 preview_only');
    const all = await reviewer.publishSession({ params: { session_id: session.id }, body: { warned: true } });
    expect(all.body).toMatchObject({ published: [], left: [{ image_id, reason: 'preview' }] });
    const { body } = await reviewer.publishImage({ params: { image_id }, body: { preview: true } });
    expect(body).toMatchObject({ status: 'published', shown_upload: 'preview', original_state: null });
    expect(await eventsOf(image_id)).toMatchObject([{ type: 'image.published', meta: { preview: true } }]);
  });

  test('a reviewer or an admin publishes, once', async () => {
    const id = await shoot(await newSpin(), 0);
    const { body } = await publish(id);
    expect(body).toMatchObject({
      id,
      status: 'published',
      published_at: expect.any(String),
      published_by: { id: expect.stringMatching(/^[0-9a-f-]{36}$/), name: 'reviewer' },
      override: false,
    });
    expect((await publish(id, undefined, admin)).body).toEqual(body);
    expect(await eventsOf(id)).toEqual([{ type: 'image.published', actor_type: 'user', meta: null }]);
    const listed = await device.listImages({ query: { session_id: body.session_id } });
    expect(listed.body?.items).toEqual([body]);
  });

  test('a frame that failed needs an override, which is shown and recorded', async () => {
    const id = await shoot(await newSpin(), 0, 'failed');
    expect(await refusal(publish(id))).toBe('409 override_required');
    expect(await refusal(publish(id, false))).toBe('409 override_required');
    expect(await eventsOf(id)).toEqual([]);
    const { body } = await publish(id, true);
    expect(body).toMatchObject({ status: 'published', override: true, published_by: { name: 'reviewer' } });
    expect(body.qc?.sharpness.status).toBe('fail');
    expect(await eventsOf(id)).toEqual([{ type: 'image.published', actor_type: 'user', meta: { override: true } }]);
  });

  test('an override of a frame that passed is not recorded', async () => {
    const id = await shoot(await newSpin(), 0);
    expect((await publish(id, true)).body).toMatchObject({ status: 'published', override: false });
    expect(await eventsOf(id)).toMatchObject([{ meta: null }]);
  });

  test('pending, expired and unreadable frames cannot be published', async () => {
    const session = await newSpin();
    const { image_id: pending } = await upload(device, session.id, 0);
    const { image_id: expired } = await upload(device, session.id, 15);
    await api.database.admin.query(`update images set status = 'expired' where id = $1`, [expired]);
    for (const id of [pending, expired, await shootUnreadable(session, 30)]) {
      expect(await refusal(publish(id))).toBe('409 image_not_publishable');
      expect(await refusal(publish(id, true))).toBe('409 image_not_publishable');
    }
  });

  test('a request may have no body or an empty one, and an invalid body is refused', async () => {
    const session = await newSpin();
    const { idToken } = api;
    const login = await api.client().authLogin({ body: await idToken(org.emailOf('reviewer')) });
    const authorization = `Bearer ${login.body.token}`;
    const post = async (headers: Record<string, string>, body?: string) => {
      const id = await shoot(session, 0);
      const reply = await fetch(`${api.url}/images/${id}/publish`, {
        method: 'POST',
        headers: { authorization, ...headers },
        ...(body === undefined ? {} : { body }),
      });
      return [reply.status, ((await reply.json()) as { status: unknown }).status];
    };
    const json = { 'content-type': 'application/json' };
    expect(await post({})).toEqual([200, 'published']);
    expect(await post(json)).toEqual([200, 'published']);
    expect(await post(json, '')).toEqual([200, 'published']);
    expect(await post(json, '{}')).toEqual([200, 'published']);
    expect(await post(json, '{"override":true}')).toEqual([200, 'published']);
    for (const body of ['null', '[]', '{"override":"yes"}', '{']) expect(await post(json, body)).toEqual([400, 400]);
  });

  test('an operator or a device may neither publish nor unpublish', async () => {
    const session = await newSpin();
    const id = await shoot(session, 0);
    for (const [client, refused] of [
      [operator, '403 forbidden'],
      [device, '403 forbidden'],
      [api.client(), '401 unauthenticated'],
    ] as const) {
      expect(await refusal(publish(id, undefined, client))).toBe(refused);
      expect(await refusal(unpublish(id, client))).toBe(refused);
      expect(await refusal(client.publishSession({ params: { session_id: session.id } }))).toBe(refused);
      expect(await refusal(client.unpublishSession({ params: { session_id: session.id } }))).toBe(refused);
    }
  });

  test('404 for a missing image', async () => {
    const id = ImageId.parse(randomUUID());
    expect(await refusal(publish(id))).toBe('404 image_not_found');
    expect(await refusal(unpublish(id))).toBe('404 image_not_found');
  });
});

describe('POST /images/{id}/unpublish', () => {
  test('the image gets its previous status', async () => {
    const session = await newSpin();
    const before = { published_at: null, published_by: null, override: false };
    const good = await shoot(session, 0);
    await publish(good);
    const undone = (await unpublish(good, admin)).body;
    expect(undone).toMatchObject({ id: good, status: 'processed', ...before });
    expect((await unpublish(good)).body).toEqual(undone);
    expect((await eventsOf(good)).map((event) => event.type)).toEqual(['image.published', 'image.unpublished']);
    expect((await publish(good)).body.status).toBe('published');

    const bad = await shoot(session, 15, 'failed');
    await publish(bad, true);
    expect((await unpublish(bad)).body).toMatchObject({ status: 'failed', ...before });
    expect(await refusal(publish(bad))).toBe('409 override_required');
  });

  test('an image that is not published stays unchanged', async () => {
    const { image_id } = await upload(device, (await newSpin()).id, 0);
    expect((await unpublish(image_id)).body.status).toBe('pending');
    expect(await eventsOf(image_id)).toEqual([]);
  });
});

const publishAll = async (session: Session, by: Client = reviewer) =>
  (await by.publishSession({ params: { session_id: session.id } })).body;
const unpublishAll = async (session: Session, by: Client = reviewer) =>
  (await by.unpublishSession({ params: { session_id: session.id } })).body;

describe('POST /sessions/{id}/publish', () => {
  test('all passed frames are published in one request, the others are listed with their reason', async () => {
    const session = await newSpin();
    const earlier = await shoot(session, 0);
    await publish(earlier);
    const replaced = await shoot(session, 15);
    const good = [await shoot(session, 15), await shoot(session, 30)];
    const failed = await shoot(session, 45, 'failed');
    const unreadable = await shootUnreadable(session, 60);
    const { image_id: pending } = await upload(device, session.id, 75);
    const { image_id: expired } = await upload(device, session.id, 90);
    await api.database.admin.query(`update images set status = 'expired' where id = $1`, [expired]);

    const answer = await publishAll(session);
    expect(answer).toMatchObject({
      published: good,
      already_published: 1,
      left: [
        { image_id: failed, reason: 'failed_qc' },
        { image_id: unreadable, reason: 'unreadable' },
        { image_id: pending, reason: 'pending' },
        { image_id: expired, reason: 'expired' },
      ],
    });
    const listed = await reviewer.listImages({ query: { session_id: session.id, superseded: 'true' } });
    const items = listed.body?.items ?? [];
    expect(answer.items).toEqual(items.filter((image) => good.includes(image.id)));
    expect(answer.items[0]).toMatchObject({ status: 'published', published_by: { name: 'reviewer' }, override: false });
    expect(items.find((image) => image.id === replaced)?.status).toBe('processed');
    expect(await eventsOf(good[0] as ImageId)).toMatchObject([{ type: 'image.published' }]);
    expect(await publishAll(session)).toMatchObject({ published: [], already_published: 3, items: [] });
  });

  test('frames with a warning are published only on request', async () => {
    const session = await newSpin();
    const good = await shoot(session, 0);
    const warned = await shoot(session, 15, 'warn');
    expect(await publishAll(session)).toMatchObject({
      published: [good],
      left: [{ image_id: warned, reason: 'warned' }],
    });
    const params = { session_id: session.id };
    const { body } = await reviewer.publishSession({ params, body: { warned: true } });
    expect(body).toMatchObject({ published: [warned], already_published: 1, left: [] });
  });

  test('with two concurrent reviewers and an undo each frame is published once, without a deadlock', async () => {
    const session = await newSpin();
    const ids: ImageId[] = [];
    for (let k = 0; k < 12; k++) ids.push(await shoot(session, k * 15));
    const [first, second] = await Promise.all([publishAll(session), publishAll(session, admin)]);
    expect([...first.published, ...second.published].sort()).toEqual([...ids].sort());
    expect(first.already_published + second.already_published).toBe(12);
    for (const id of ids) expect((await eventsOf(id)).map((event) => event.type)).toEqual(['image.published']);

    await Promise.all([...ids].reverse().map((id) => unpublish(id)));
    const late = await upload(device, session.id, 300);
    await Promise.all([
      publishAll(session),
      publishAll(session, admin),
      ...[...ids].reverse().map((id) => publish(id)),
      complete(api.database, late.storage_key),
      ...[315, 330, 345].map((angle) => upload(device, session.id, angle)),
    ]);
    const { body } = await device.getSession({ params: { session_id: session.id } });
    expect(body.frames.published + body.frames.processed).toBe(13);
    expect(body.frames.published).toBeGreaterThanOrEqual(12);
    for (const id of ids)
      expect((await eventsOf(id)).map((event) => event.type)).toEqual([
        'image.published',
        'image.unpublished',
        'image.published',
      ]);
    const { rows } = await api.database.admin.query(
      'select deadlocks::int as n from pg_stat_database where datname = current_database()',
    );
    expect(rows).toEqual([{ n: 0 }]);
  });

  test('404 for a missing session or one at another site', async () => {
    const absent = { params: { session_id: SessionId.parse(randomUUID()) } };
    expect(await refusal(reviewer.publishSession(absent))).toBe('404 session_not_found');
    expect(await refusal(reviewer.unpublishSession(absent))).toBe('404 session_not_found');
    const [, south = org.siteIds[0]] = org.siteIds;
    const session = await startSpin(device, south, `S-${randomUUID()}`);
    const id = await shoot(session, 0);
    expect(await refusal(publishAll(session))).toBe('404 session_not_found');
    expect(await refusal(unpublishAll(session))).toBe('404 session_not_found');
    expect(await refusal(publish(id))).toBe('404 image_not_found');
    expect(await refusal(unpublish(id))).toBe('404 image_not_found');
  });
});

describe('POST /sessions/{id}/unpublish', () => {
  test('every frame gets its previous status and a line in the audit log', async () => {
    const session = await newSpin();
    const good = await shoot(session, 0);
    const bad = await shoot(session, 15, 'failed');
    const untouched = await shoot(session, 30, 'warn');
    await publishAll(session);
    await publish(bad, true);
    const answer = await unpublishAll(session, admin);
    expect(answer).toMatchObject({ unpublished: [good, bad], still_published: 0 });
    expect(answer.items.map(({ status, override, published_at }) => [status, override, published_at])).toEqual([
      ['processed', false, null],
      ['failed', false, null],
    ]);
    for (const id of [good, bad])
      expect((await eventsOf(id)).map((event) => event.type)).toEqual(['image.published', 'image.unpublished']);
    expect(await eventsOf(untouched)).toEqual([]);
    expect(await unpublishAll(session)).toEqual({ unpublished: [], still_published: 0, items: [] });
    expect(await publishAll(session)).toMatchObject({ published: [good] });
  });

  test('with two concurrent reviewers and a publication each frame is unpublished once, without a deadlock', async () => {
    const session = await newSpin();
    const ids: ImageId[] = [];
    for (let k = 0; k < 12; k++) ids.push(await shoot(session, k * 15));
    await publishAll(session);
    const [first, second] = await Promise.all([unpublishAll(session), unpublishAll(session, admin)]);
    expect([...first.unpublished, ...second.unpublished].sort()).toEqual([...ids].sort());
    for (const id of ids)
      expect((await eventsOf(id)).map((event) => event.type)).toEqual(['image.published', 'image.unpublished']);
    await Promise.all([
      publishAll(session),
      unpublishAll(session, admin),
      ...[...ids].reverse().map((id) => unpublish(id)),
      ...ids.map((id) => publish(id)),
    ]);
    await unpublishAll(session);
    const { body } = await device.getSession({ params: { session_id: session.id } });
    expect(body.frames).toMatchObject({ published: 0, processed: 12 });
  });
});
