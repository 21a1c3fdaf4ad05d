import { afterAll, beforeAll, expect, test } from 'vitest';
import { complete, refusal, startSpin, startTestApi, type TestApi, type TestOrg, upload } from '../../testing.ts';

let api: TestApi;
let org: TestOrg;
beforeAll(async () => {
  api = await startTestApi();
  org = await api.makeOrg();
});
afterAll(() => api?.stop());

async function spin() {
  const device = await api.device(org);
  const { id } = await startSpin(device, org.siteIds[0], `CACHED-${device.deviceId.slice(-6)}`);
  await complete(api.database, (await upload(device, id, 0)).storage_key);
  return { device, id, query: { session_id: id } };
}

test('a cached gallery is not sent to callers without access: another organization, another site, a revoked device', async () => {
  const { device, id, query } = await spin();
  await device.listImages({ query });
  const stranger = await api.device(await api.makeOrg());
  expect(await refusal(stranger.listImages({ query }))).toBe('404 session_not_found');
  const colleague = await api.device(org);
  expect(await refusal(colleague.listImages({ query }))).toBe('404 session_not_found');
  const bind = (siteId = org.siteIds[0]) =>
    api.database.admin.query(
      `with others as (delete from device_site_access where org_id = $1 and device_id = $2)
       insert into device_site_access (org_id, device_id, site_id) values ($1, $2, $3)`,
      [org.orgId, colleague.deviceId, siteId],
    );
  await bind();
  expect((await colleague.listImages({ query })).body).toMatchObject({ total: 1, items: [{ session_id: id }] });
  await bind(org.siteIds[1]);
  expect(await refusal(colleague.listImages({ query }))).toBe('404 session_not_found');
  await api.database.admin.query('update devices set revoked_at = now() where id = $1', [device.deviceId]);
  expect(await refusal(device.listImages({ query }))).toBe('401 unauthenticated');
});

test('a cached gallery changes when the sites of a device change', async () => {
  const { id, query } = await spin();
  const colleague = await api.device(org);
  const { body: own } = await upload(colleague, id, 15).then(() => colleague.listImages({ query }));
  expect(own).toMatchObject({ total: 1, items: [{ angle_deg: 15 }] });
  const device = [org.orgId, colleague.deviceId];
  const insert = 'insert into device_site_access (org_id, device_id, site_id) values ($1, $2, $3)';
  await api.database.admin.query(insert, [...device, org.siteIds[0]]);
  const whole = await colleague.listImages({ query });
  expect(whole.body).toMatchObject({ total: 2 });
  await api.database.admin.query('delete from device_site_access where org_id = $1 and device_id = $2', device);
  const headers = { 'if-none-match': whole.headers.etag ?? '' };
  const restricted = await colleague.listImages({ query }, { headers });
  expect(restricted).toMatchObject({ status: 200, body: { total: 1, items: [{ angle_deg: 15 }] } });
});

test('a cached gallery is updated with the next frame', async () => {
  const { device, id, query } = await spin();
  const before = await device.listImages({ query });
  expect(before.body).toMatchObject({ total: 1 });
  await upload(device, id, 15);
  expect((await device.listImages({ query })).body).toMatchObject({ total: 2 });
});

test('each page of a gallery is a separate reply', async () => {
  const { device, id, query } = await spin();
  await upload(device, id, 15);
  const angles = async (page: object) => {
    const { body } = await device.listImages({ query: { ...query, ...page } });
    return body?.items.map((image) => image.angle_deg);
  };
  expect(await angles({ limit: 1 })).toEqual([0]);
  expect(await angles({ limit: 1, offset: 1 })).toEqual([15]);
  expect(await angles({})).toEqual([0, 15]);
});

test('a gallery leaves out histograms, a single frame includes its own', async () => {
  const { query } = await spin();
  const histogram = Array.from({ length: 64 }, (_, bin) => bin);
  await api.database.admin.query(
    `update images set qc = jsonb_set(qc, '{exposure,histogram}', $2::jsonb) where session_id = $1`,
    [query.session_id, JSON.stringify(histogram)],
  );
  const reviewer = await api.as(org, 'reviewer');
  const [item] = (await reviewer.listImages({ query })).body?.items ?? [];
  if (item === undefined) throw new Error('no frame');
  expect(item.qc?.exposure).toMatchObject({ status: 'pass' });
  expect(item.qc?.exposure).not.toHaveProperty('histogram');
  const { body } = await reviewer.getImage({ params: { image_id: item.id } });
  expect(body.qc?.exposure.histogram).toEqual(histogram);
});
