import { randomUUID } from 'node:crypto';
import type { ApiError } from '@spinbay/client';
import { ImageId, maxImageBytes, SessionId } from '@spinbay/contracts';
import { type Quotas, setQuotas } from '@spinbay/core';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { photo, refusal, startSpin, startTestApi, type TestApi, type TestOrg } from '../../testing.ts';

let api: TestApi;
let org: TestOrg;
let admin: Awaited<ReturnType<TestApi['as']>>;
beforeAll(async () => {
  api = await startTestApi();
});
afterAll(() => api?.stop());
beforeEach(async () => {
  org = await api.makeOrg();
  admin = await api.as(org, 'admin');
});

/** Sets quotas, as the operator of the installation does with `spinbay org quota`. */
const limit = (quotas: Partial<Quotas>) =>
  api.database.store.forOrg(org.orgId, 'all').transact((tx) => setQuotas(tx, quotas, { type: 'system' }));
const used = async () => (await admin.getOrganization()).body;

/** Announces a frame of this many bytes. */
function announce(sessionId: SessionId, angle: number, bytes: number, image_id = ImageId.parse(randomUUID())) {
  return admin.presignImage({
    body: {
      ...{ session_id: sessionId, image_id, content_type: 'image/jpeg', content_length: bytes },
      content_sha256: photo().sha256,
      file_name: `angle_${angle}.jpg`,
    },
  });
}

async function spin() {
  return SessionId.parse((await startSpin(admin, org.siteIds[0], randomUUID().slice(0, 8))).id);
}

test('without a quota nothing is limited, and what is used is counted', async () => {
  expect(await used()).toMatchObject({
    ...{ quota_bytes: null, quota_sessions_per_day: null, stored_bytes: 0, sessions_today: 0 },
  });
  const session = await spin();
  await announce(session, 0, 5_000_000);
  await announce(session, 15, 7_000_000);
  expect(await used()).toMatchObject({ stored_bytes: 12_000_000, sessions_today: 1 });
});

describe('with a quota of bytes', () => {
  test('a photo that does not fit is refused with the limit and what to do, and fits once the quota is raised', async () => {
    const session = await spin();
    await limit({ quota_bytes: 10_000_000 });
    await announce(session, 0, 8_000_000);
    const error = (await announce(session, 15, 3_000_000).catch((one: unknown) => one)) as ApiError;
    expect(error).toMatchObject({ status: 429, code: 'storage_quota_reached' });
    expect(error.message).toMatch(/0\.008 GB of 0\.01 GB are used.*Erase sessions.*stays on its device/s);
    expect((await announce(session, 15, 2_000_000)).status).toBe(200);
    expect(await refusal(announce(session, 30, 1))).toBe('429 storage_quota_reached');
    await limit({ quota_bytes: null });
    expect((await announce(session, 30, 3_000_000)).status).toBe(200);
    expect(await used()).toMatchObject({ stored_bytes: 13_000_000 });
  });

  test('in a batch the frames that fit are reserved, and the others are refused one by one', async () => {
    const session = await spin();
    await limit({ quota_bytes: 5_000_000 });
    const frames = [0, 15, 30].map((angle) => ({
      ...{ content_type: 'image/jpeg' as const, content_length: 2_000_000, content_sha256: photo().sha256 },
      file_name: `angle_${angle}.jpg`,
    }));
    const { items } = (await admin.presignImages({ body: { session_id: session, frames } })).body;
    expect(items.map((item) => ('error' in item ? item.error.code : 'reserved'))).toEqual([
      'reserved',
      'reserved',
      'storage_quota_reached',
    ]);
  });

  test('a frame that was announced before is presigned again, even above the quota', async () => {
    const session = await spin();
    const { sha256 } = photo();
    const body = {
      ...{ session_id: session, content_type: 'image/jpeg' as const, content_length: 4_000_000 },
      ...{ content_sha256: sha256, file_name: 'angle_0.jpg' },
    };
    const first = (await admin.presignImage({ body })).body;
    await limit({ quota_bytes: 0 });
    expect((await admin.presignImage({ body })).body.image_id).toBe(first.image_id);
  });

  test('an upload that never arrived uses no storage', async () => {
    const session = await spin();
    await limit({ quota_bytes: 3_000_000 });
    await announce(session, 0, 3_000_000);
    expect(await refusal(announce(session, 15, 3_000_000))).toBe('429 storage_quota_reached');
    await api.database.admin.query(
      `with org as (select set_config('app.org_id', $1, true)) update uploads set state = 'expired' from org where org_id = $1::uuid`,
      [org.orgId],
    );
    expect(await used()).toMatchObject({ stored_bytes: 0 });
    expect((await announce(session, 15, 3_000_000)).status).toBe(200);
  });

  test('an expired upload is presigned again only if there is room for it', async () => {
    const session = await spin();
    await limit({ quota_bytes: 3_000_000 });
    const bodies = [0, 15].map((angle) => ({
      ...{ session_id: session, content_type: 'image/jpeg' as const, content_length: 2_000_000 },
      ...{ content_sha256: photo().sha256, file_name: `angle_${angle}.jpg` },
    }));
    for (const body of bodies) {
      await admin.presignImage({ body });
      await api.database.admin.query(
        `with org as (select set_config('app.org_id', $1, true)) update uploads set state = 'expired' from org where org_id = $1::uuid`,
        [org.orgId],
      );
    }
    const [first, second] = bodies;
    if (first === undefined || second === undefined) throw new Error('no frames');
    expect((await admin.presignImage({ body: first })).status).toBe(200);
    expect(await refusal(admin.presignImage({ body: second }))).toBe('429 storage_quota_reached');
    // The space for the first one is already reserved.
    expect((await admin.presignImage({ body: first })).status).toBe(200);
    expect(await used()).toMatchObject({ stored_bytes: 2_000_000 });
  });

  test('an upload that was announced without a length before the quota counts as the longest one when it is presigned again', async () => {
    const session = await spin();
    const body = (angle: number) => ({
      ...{ session_id: session, content_type: 'image/jpeg' as const },
      ...{ content_sha256: photo().sha256, file_name: `angle_${angle}.jpg` },
    });
    const [first, second, third] = [body(0), body(15), body(30)];
    for (const one of [first, second, third]) await admin.presignImage({ body: one });
    const expire = (sha256: string) =>
      api.database.admin.query(
        `with org as (select set_config('app.org_id', $1, true)) update uploads set state = 'expired' from org
         where org_id = $1::uuid and hash_sha256 = $2`,
        [org.orgId, sha256],
      );
    await expire(first.content_sha256);
    await expire(third.content_sha256);
    await limit({ quota_bytes: 100_000_000 });
    expect((await admin.presignImage({ body: first })).status).toBe(200);
    expect(await used()).toMatchObject({ stored_bytes: maxImageBytes });
    // The second one is still expected, and the third one has expired.
    expect(await refusal(admin.presignImage({ body: second }))).toBe('429 storage_quota_reached');
    expect(await refusal(admin.presignImage({ body: third }))).toBe('429 storage_quota_reached');
    expect((await admin.presignImage({ body: { ...third, content_length: 1_000_000 } })).status).toBe(200);
    expect(await used()).toMatchObject({ stored_bytes: maxImageBytes + 1_000_000 });
    // The space for each of them is already reserved.
    for (const known of [first, { ...third, content_length: 1_000_000 }])
      expect((await admin.presignImage({ body: known })).status).toBe(200);
    expect(await refusal(admin.presignImage({ body: third }))).toBe('409 image_conflict');
    expect(await used()).toMatchObject({ stored_bytes: maxImageBytes + 1_000_000 });
  });

  test('in a batch each revived upload without a length counts', async () => {
    const session = await spin();
    const frames = [0, 15].map((angle) => ({
      ...{ content_type: 'image/jpeg' as const, content_sha256: photo().sha256 },
      file_name: `angle_${angle}.jpg`,
    }));
    const presign = async () => {
      const { items } = (await admin.presignImages({ body: { session_id: session, frames } })).body;
      return items.map((item) => ('error' in item ? item.error.code : 'reserved'));
    };
    await presign();
    await api.database.admin.query(
      `with org as (select set_config('app.org_id', $1, true)) update uploads set state = 'expired' from org where org_id = $1::uuid`,
      [org.orgId],
    );
    await limit({ quota_bytes: 100_000_000 });
    expect(await presign()).toEqual(['reserved', 'storage_quota_reached']);
    expect(await used()).toMatchObject({ stored_bytes: maxImageBytes });
  });

  test('a photo of unknown length counts as the longest one, and one of known length cannot become longer', async () => {
    const session = await spin();
    await limit({ quota_bytes: 100_000_000 });
    const body = (angle: number) => ({
      ...{ session_id: session, content_type: 'image/jpeg' as const },
      ...{ content_sha256: photo().sha256, file_name: `angle_${angle}.jpg` },
    });
    const [unknown, known] = [body(0), body(15)];
    expect((await admin.presignImage({ body: unknown })).status).toBe(200);
    expect((await admin.presignImage({ body: unknown })).status).toBe(200);
    expect(await used()).toMatchObject({ stored_bytes: maxImageBytes });
    expect(await refusal(admin.presignImage({ body: body(30) }))).toBe('429 storage_quota_reached');
    expect((await admin.presignImage({ body: { ...known, content_length: 1_000 } })).status).toBe(200);
    for (const longer of [known, { ...known, content_length: 2_000 }])
      expect(await refusal(admin.presignImage({ body: longer }))).toBe('409 image_conflict');
    expect((await admin.presignImage({ body: { ...known, content_length: 1_000 } })).status).toBe(200);
  });

  test('another organization is not affected', async () => {
    await limit({ quota_bytes: 0, quota_sessions_per_day: 0 });
    org = await api.makeOrg();
    admin = await api.as(org, 'admin');
    expect((await announce(await spin(), 0, 1_000_000)).status).toBe(200);
  });
});

describe('with a quota of sessions', () => {
  test('one more is refused with the limit and what to do, leaves nothing behind, and repeats are not counted', async () => {
    await limit({ quota_sessions_per_day: 2 });
    const id = SessionId.parse(randomUUID());
    const body = { id, site_id: org.siteIds[0], vehicle: { stock: 'Q-1' }, mode: 'studio360' as const };
    await admin.createSession({ body });
    expect((await admin.createSession({ body })).status).toBe(200);
    await spin();
    const third = { ...body, id: SessionId.parse(randomUUID()), vehicle: { stock: 'Q-3' } };
    const error = (await admin.createSession({ body: third }).catch((one: unknown) => one)) as ApiError;
    expect(error).toMatchObject({ status: 429, code: 'session_quota_reached' });
    expect(error.message).toMatch(/limit is 2 sessions a day.*00:00 UTC.*sends them later/);
    expect(await used()).toMatchObject({ sessions_today: 2 });
    const { rows } = await api.database.admin.query(`select from vehicles where org_id = $1 and stock = 'Q-3'`, [
      org.orgId,
    ]);
    expect(rows).toEqual([]);
    // A repeated request does not create another session.
    expect((await admin.createSession({ body })).status).toBe(200);
    await limit({ quota_sessions_per_day: 3 });
    expect((await admin.createSession({ body: third })).status).toBe(201);
  });

  test('many sessions at once do not exceed it', async () => {
    await limit({ quota_sessions_per_day: 5 });
    const outcomes = await Promise.all(
      Array.from({ length: 12 }, () =>
        spin().then(
          () => 'started',
          (error: ApiError) => error.code,
        ),
      ),
    );
    expect(outcomes.filter((outcome) => outcome === 'started')).toHaveLength(5);
    expect(new Set(outcomes)).toEqual(new Set(['started', 'session_quota_reached']));
  });

  test('the next day starts at zero', async () => {
    await limit({ quota_sessions_per_day: 1 });
    await spin();
    await api.database.admin.query(`update session_days set day = day - 1 where org_id = $1`, [org.orgId]);
    expect(await used()).toMatchObject({ sessions_today: 0 });
    await spin();
    expect(await used()).toMatchObject({ sessions_today: 1 });
  });
});

test('an administrator reads the quotas and their changes in the audit log, and cannot set them', async () => {
  await limit({ quota_bytes: 1_000, quota_sessions_per_day: 4 });
  const { items } = (await admin.listEvents({ query: { limit: 10 } })).body;
  expect(items.find(({ type }) => type === 'organization.changed')?.meta).toEqual({
    quota_bytes: { from: null, to: 1_000 },
    quota_sessions_per_day: { from: null, to: 4 },
  });
  const { token } = (await api.client().authLogin({ body: await api.idToken(org.emailOf('admin')) })).body;
  const reply = await fetch(`${api.url}/organization`, {
    method: 'PATCH',
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
    body: JSON.stringify({ name: 'Free Cars', quota_bytes: null, quota_sessions_per_day: null }),
  });
  expect(reply.status).toBe(200);
  expect(await used()).toMatchObject({ quota_bytes: 1_000, quota_sessions_per_day: 4 });
});
