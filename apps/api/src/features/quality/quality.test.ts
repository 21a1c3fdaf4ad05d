import { defaultQcThresholds } from '@spinbay/contracts';
import { rejudgeNextSession } from '@spinbay/core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { complete, refusal, startSpin, startTestApi, type TestApi, upload } from '../../testing.ts';

let api: TestApi;
beforeAll(async () => {
  api = await startTestApi();
});
afterAll(() => api?.stop());

test('an organization chooses how its frames are judged, and its devices get the choice', async () => {
  const [org, other] = [await api.makeOrg(), await api.makeOrg()];
  const [admin, device] = [await api.as(org, 'admin'), await api.device(org)];
  expect((await device.getQcThresholds()).body).toEqual({
    thresholds: defaultQcThresholds,
    defaults: defaultQcThresholds,
  });
  const { body } = await admin.updateOrganization({ body: { qc_profile: 'v3', qc_edge_width_fail: 5.6 } });
  expect(body).toMatchObject({ qc_profile: 'v3', qc_edge_width_fail: 5.6 });
  const own = { ...defaultQcThresholds, profile: 'v3', edge_width_fail: 5.6, edge_width_warn: 5 };
  expect((await device.getQcThresholds()).body).toEqual({ thresholds: own, defaults: defaultQcThresholds });
  expect((await (await api.device(other)).getQcThresholds()).body.thresholds).toEqual(defaultQcThresholds);
  await admin.updateOrganization({ body: { qc_min_long_side: 1600 } });
  expect((await device.getQcThresholds()).body.thresholds).toEqual({ ...own, size_fail: 1600 });
  await admin.updateOrganization({ body: { qc_min_long_side: null, qc_profile: null, qc_edge_width_fail: null } });
  expect((await device.getQcThresholds()).body.thresholds).toEqual(defaultQcThresholds);
  const audit = await admin.listEvents({ query: { entity_type: 'organization', entity_id: org.orgId } });
  expect(audit.body.items[1]?.meta).toEqual({ qc_min_long_side: { from: null, to: 1600 } });
  expect(audit.body.items[2]?.meta).toEqual({
    qc_profile: { from: null, to: 'v3' },
    qc_edge_width_fail: { from: null, to: 5.6 },
  });
});

test.each([
  { qc_profile: 'v4' },
  { qc_edge_width_fail: 0.5 },
  { qc_edge_width_fail: 11 },
  { qc_edge_width_fail: '3' },
  { qc_min_long_side: 99 },
  { qc_min_long_side: 1600.5 },
])('the choice %j is refused', async (body) => {
  const admin = await api.as(await api.makeOrg(), 'admin');
  expect(await refusal(admin.updateOrganization({ body: body as object }))).toBe('400 validation_failed');
});

test('an administrator sees the newest measured frames of their sites, newest first', async () => {
  const org = await api.makeOrg();
  const [admin, device] = [await api.as(org, 'admin'), await api.device(org)];
  const [here, hidden = here] = org.siteIds;
  const seen = await startSpin(device, here, 'SEEN');
  const unseen = await startSpin(device, hidden, 'UNSEEN');
  const first = await upload(device, seen.id, 0);
  const second = await upload(device, seen.id, 15);
  const elsewhere = await upload(device, unseen.id, 0);
  await upload(device, seen.id, 30);
  for (const { storage_key } of [first, second, elsewhere]) await complete(api.database, storage_key);
  const { items } = (await admin.listQcFrames()).body;
  expect(items.map(({ image_id }) => image_id)).toEqual([second.image_id, first.image_id]);
  expect(items[0]).toMatchObject({ session_id: seen.id, angle_deg: 15, status: 'processed', is_preview: false });
  expect(items[0]?.qc.sharpness.score).toBe(500);
  expect(items[0]?.thumb_url).toContain('X-Amz-Signature');
  expect((await admin.listQcFrames({ query: { limit: 1 } })).body.items).toHaveLength(1);
  expect(await refusal((await api.as(org, 'reviewer')).listQcFrames())).toBe('403 forbidden');
});

test('all frames are judged again on request, and the administrator sees the progress', async () => {
  const org = await api.makeOrg();
  const [admin, device] = [await api.as(org, 'admin'), await api.device(org)];
  expect((await admin.getRejudgement()).body).toEqual({ rejudgement: null });
  for (const stock of ['ONE', 'TWO']) {
    const { storage_key } = await upload(device, (await startSpin(device, org.siteIds[0], stock)).id, 0);
    await complete(api.database, storage_key);
  }
  const asked = (await admin.rejudgeFrames()).body.rejudgement;
  expect(asked).toMatchObject({ total: 2, done: 0, changed: 0, finished_at: null });
  const tenant = api.database.store.forOrg(org.orgId, 'all');
  const strict = { ...defaultQcThresholds, sharpness_fail: 900, sharpness_warn: 900 };
  await tenant.transact((tx) => rejudgeNextSession(tx, strict));
  expect((await admin.getRejudgement()).body.rejudgement).toMatchObject({ done: 1, changed: 1, finished_at: null });
  while ((await tenant.transact((tx) => rejudgeNextSession(tx, strict))) === 'more');
  const { rejudgement } = (await admin.getRejudgement()).body;
  expect(rejudgement).toMatchObject({ total: 2, done: 2, changed: 2 });
  expect(rejudgement?.finished_at).not.toBeNull();
  const audit = await admin.listEvents({ query: { type: 'organization.rejudgement_requested' } });
  expect(audit.body.items).toMatchObject([{ actor: { type: 'user' }, meta: { frames: 2 } }]);
});
