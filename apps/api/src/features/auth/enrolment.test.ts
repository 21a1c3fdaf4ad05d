import type { Client } from '@spinbay/client';
import { EnrolmentCode, type SiteId } from '@spinbay/contracts';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { phone, refusal, startSpin, startTestApi, type TestApi, type TestOrg } from '../../testing.ts';

let api: TestApi;
let org: TestOrg;
let admin: Client;
beforeAll(async () => {
  api = await startTestApi();
  org = await api.makeOrg({ enrolment: 'code' });
  admin = await api.as(org, 'admin');
});
afterAll(() => api?.stop());

const query = async (sql: string, values: unknown[]) => (await api.database.admin.query(sql, values)).rows;
const enrol = (enrolment_code: string | undefined, over: object = {}) =>
  api.client().authDevice({ body: { ...phone, org_id: org.orgId, enrolment_code, ...over } });
const makeCode = async (body: { label?: string; site_ids?: SiteId[]; expires_in_s?: number } = {}) =>
  (await admin.createEnrolmentCode({ body: { ...(body.site_ids ? {} : { all_sites: true }), ...body } })).body;
const stateOf = async (id: string) =>
  (await admin.listEnrolmentCodes({ query: { limit: 200 } })).body.items.find((code) => code.id === id)?.state;

/** A code with the same handle and another secret. */
function wrong(code: string): string {
  return code.slice(0, -1) + (code.endsWith('0') ? '1' : '0');
}

describe('a device enrols with a code', () => {
  test('which names it, restricts it to sites, and is used up', async () => {
    const [north] = org.siteIds;
    const code = await makeCode({ label: 'North turntable', site_ids: [north, north] });
    expect(code).toMatchObject({ label: 'North turntable', site_ids: [north] });
    expect(code.code).toMatch(/^[0-9A-Z]{4}-[0-9A-Z]{4}-[0-9A-Z]{4}$/);
    expect(await stateOf(code.id)).toBe('open');
    const { body } = await enrol(code.code);
    const device = api.client(body.token);
    expect((await device.listSites()).body.items.map((site) => site.id)).toEqual([north]);
    expect(await refusal(startSpin(device, org.siteIds[1] ?? north, 'CODE-1'))).toBe('404 site_not_found');
    expect(await stateOf(code.id)).toBe('used');
    expect(await refusal(enrol(code.code))).toBe('403 enrolment_code_used');
    const { items } = (await admin.listDevices()).body;
    expect(items.find((line) => line.id === body.device_id)).toMatchObject({
      name: 'North turntable',
      site_ids: [north],
      model: phone.model,
    });
  });

  test('which restricts it to the only site unless all are chosen, and requires a choice if there are several', async () => {
    const small = await api.makeOrg({ enrolment: 'code', sites: ['Only'] });
    const owner = await api.as(small, 'admin');
    const make = async (body: { site_ids?: SiteId[]; all_sites?: boolean }) =>
      (await owner.createEnrolmentCode({ body })).body.site_ids;
    expect(await make({})).toEqual(small.siteIds);
    expect(await make({ site_ids: [] })).toEqual(small.siteIds);
    expect(await make({ all_sites: true })).toEqual([]);
    await owner.createSite({ body: { name: 'Second' } });
    for (const body of [{}, { site_ids: [] }, { site_ids: small.siteIds, all_sites: true }])
      expect(await owner.createEnrolmentCode({ body }).catch((error: unknown) => error)).toMatchObject({
        status: 400,
        code: 'validation_failed',
        fields: [{ path: 'body.site_ids' }],
      });
    expect(await make({ site_ids: small.siteIds })).toEqual(small.siteIds);
    expect(await make({ all_sites: true })).toEqual([]);
  });

  test('in any spelling', async () => {
    const { code } = await makeCode();
    const { body } = await enrol(
      ` ${code.toLowerCase().replaceAll('-', ' ').replaceAll('0', 'o').replaceAll('1', 'l')} `,
    );
    expect((await api.client(body.token).listSites()).body.items).toHaveLength(org.siteIds.length);
  });

  test('once, even if several devices send it at the same time', async () => {
    const { id, code } = await makeCode();
    const outcomes = await Promise.all(Array.from({ length: 6 }, () => refusal(enrol(code))));
    expect(outcomes.sort()).toEqual([...Array(5).fill('403 enrolment_code_used'), 'no error']);
    const enrolled = await query(
      `select 1 from events where org_id = $1 and type = 'device.enrolled' and meta ->> 'enrolment_code_id' = $2`,
      [org.orgId, id],
    );
    expect(enrolled).toHaveLength(1);
  });

  test('even if enrolment is open, where a wrong code is still refused', async () => {
    const open = await api.makeOrg();
    const { code, site_ids } = (
      await (await api.as(open, 'admin')).createEnrolmentCode({ body: { site_ids: [open.siteIds[0]] } })
    ).body;
    expect(await refusal(enrol(wrong(code), { org_id: open.orgId }))).toBe('403 enrolment_code_invalid');
    const { body } = await enrol(code, { org_id: open.orgId });
    expect((await api.client(body.token).listSites()).body.items.map((site) => site.id)).toEqual(site_ids);
  });
});

describe('a code is refused', () => {
  test('when it is required but missing', async () => {
    expect(await refusal(enrol(undefined))).toBe('403 enrolment_code_required');
  });

  test('when it does not exist or is malformed', async () => {
    expect(await refusal(enrol('0000-0000-0000'))).toBe('403 enrolment_code_invalid');
    expect(await refusal(enrol('hello'))).toBe('400 validation_failed');
  });

  test('in another organization', async () => {
    const { code } = await makeCode();
    const other = await api.makeOrg({ enrolment: 'code' });
    expect(await refusal(enrol(code, { org_id: other.orgId }))).toBe('403 enrolment_code_invalid');
    expect(await refusal(enrol(code))).toBe('no error');
  });

  test('after five wrong attempts, even with the right secret; concurrent attempts all count', async () => {
    const { id, code } = await makeCode();
    const attempts = await Promise.all(Array.from({ length: 4 }, () => refusal(enrol(wrong(code)))));
    expect(new Set(attempts)).toEqual(new Set(['403 enrolment_code_invalid']));
    expect(await stateOf(id)).toBe('open');
    await refusal(enrol(wrong(code)));
    expect(await stateOf(id)).toBe('exhausted');
    expect(await refusal(enrol(code))).toBe('403 enrolment_code_invalid');
    expect(await query('select 1 from devices where org_id = $1 and id = $2', [org.orgId, id])).toEqual([]);
  });

  test('when it has expired or was withdrawn, with the reason only for the right secret', async () => {
    const late = await makeCode({ expires_in_s: 60 });
    await query(`update enrolment_codes set expires_at = now() - interval '1 second' where id = $1`, [late.id]);
    expect(await stateOf(late.id)).toBe('expired');
    expect(await refusal(enrol(wrong(late.code)))).toBe('403 enrolment_code_invalid');
    expect(await refusal(enrol(late.code))).toBe('403 enrolment_code_expired');
    const gone = await makeCode();
    const { body } = await admin.revokeEnrolmentCode({ params: { enrolment_code_id: gone.id } });
    expect(body).toMatchObject({ id: gone.id, state: 'revoked' });
    expect(await refusal(enrol(gone.code))).toBe('403 enrolment_code_expired');
  });
});

test('neither the database nor the list of codes contains the code, and a QR code contains everything that a phone needs', async () => {
  const made = await makeCode({ label: 'QR' });
  const { secret } = EnrolmentCode.parse(made.code);
  const [row] = await query('select * from enrolment_codes where id = $1', [made.id]);
  const events = await query('select meta::text from events where org_id = $1', [org.orgId]);
  const list = await admin.listEnrolmentCodes({ query: { limit: 200 } });
  for (const text of [row, events, list.body].map((part) => JSON.stringify(part))) {
    expect(text).not.toContain(secret);
    expect(text).not.toContain(made.code);
  }
  const url = new URL(made.enrol_url);
  expect(url.protocol).toBe('spinbay:');
  expect(await refusal(enrol(url.searchParams.get('code') ?? '', { org_id: url.searchParams.get('org_id') }))).toBe(
    'no error',
  );
});

test('the audit log has refusals with their reason, and only a few lines a minute during a flood', async () => {
  const own = await api.makeOrg({ enrolment: 'code' });
  for (let k = 0; k < 8; k++) await refusal(enrol(undefined, { org_id: own.orgId }));
  const lines = await query(
    `select entity_type, entity_id, meta ->> 'reason' as reason from events
     where org_id = $1 and type = 'device.enrolment_refused'`,
    [own.orgId],
  );
  expect(lines.length).toBeGreaterThan(0);
  expect(lines.length).toBeLessThanOrEqual(5);
  expect(lines[0]).toEqual({
    entity_type: 'organization',
    entity_id: own.orgId,
    reason: 'enrolment_code_required',
  });
  const { id, code } = await makeCode();
  await refusal(enrol(wrong(code)));
  expect(
    await query(`select type from events where org_id = $1 and entity_id = $2 order by id`, [org.orgId, id]),
  ).toEqual([{ type: 'enrolment_code.created' }, { type: 'device.enrolment_refused' }]);
});

test('a code is created for sites of the organization, for a minute to 30 days', async () => {
  const other = await api.makeOrg();
  expect(await refusal(makeCode({ site_ids: [other.siteIds[0]] }))).toBe('404 site_not_found');
  for (const expires_in_s of [59, 30 * 24 * 3600 + 1, 90.5])
    expect(await refusal(makeCode({ expires_in_s }))).toBe('400 validation_failed');
  const code = await makeCode();
  const left = new Date(code.expires_at).getTime() - Date.now();
  expect(left / 3_600_000).toBeGreaterThan(23);
  expect(left / 3_600_000).toBeLessThanOrEqual(24.1);
});
