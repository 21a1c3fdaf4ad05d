import { afterAll, beforeAll, expect, test } from 'vitest';
import { complete, frame, startSpin, startTestApi, type TestApi, upload } from '../../testing.ts';

let api: TestApi;
beforeAll(async () => {
  api = await startTestApi();
});
afterAll(() => api?.stop());

const set = (sql: string, values: unknown[]) => api.database.admin.query(sql, values);

/** The triggers that count sessions work only within one organization. */
async function inOrg(orgId: string, statements: [sql: string, values: unknown[]][]): Promise<void> {
  const client = await api.database.admin.connect();
  try {
    await client.query('begin');
    await client.query(`select set_config('app.org_id', $1, true)`, [orgId]);
    for (const [sql, values] of statements) await client.query(sql, values);
    await client.query('commit');
  } finally {
    client.release();
  }
}

test('a completed session has its seconds, its phases and whether the promise was kept', async () => {
  const org = await api.makeOrg();
  const [device, reviewer] = [await api.device(org), await api.as(org, 'reviewer')];
  const [north, south = north] = org.siteIds;
  const spin = async (stock: string, site = north) => {
    const session = await startSpin(device, site, stock);
    const frame = await upload(device, session.id, 0);
    return { session, frame };
  };
  const quick = await spin('QUICK');
  await complete(api.database, quick.frame.storage_key);
  const slow = await spin('SLOW');
  // Shot 100 s ago by a phone that was offline for 90 s.
  await set(`update images set captured_at = now() - interval '100 s' where id = $1`, [slow.frame.image_id]);
  await complete(api.database, slow.frame.storage_key);
  const active = await spin('ACTIVE');
  await complete(api.database, active.frame.storage_key);
  const elsewhere = await spin('ELSEWHERE', south);
  await complete(api.database, elsewhere.frame.storage_key);
  for (const { session } of [quick, slow, elsewhere])
    await device.updateSession({ params: { session_id: session.id }, body: { status: 'completed' } });

  const { body } = await reviewer.getPromise();
  expect(body.promised_s).toBe(60);
  expect(body.days).toMatchObject([
    { site_id: null, site_name: null, sessions: 2, kept: 1 },
    { site_id: north, site_name: 'North', sessions: 2, kept: 1 },
  ]);
  expect(body.slowest.map((session) => session.stock)).toEqual(['SLOW', 'QUICK']);
  const [worst] = body.slowest;
  expect(worst?.seconds).toBeGreaterThanOrEqual(100);
  const { upload: sending = 0, queue = 0, work = 0 } = worst?.phases ?? {};
  expect(sending + queue + work).toBeCloseTo(worst?.seconds ?? 0, 3);
  expect(sending).toBeGreaterThan(95);
  expect(Math.min(queue, work)).toBeGreaterThanOrEqual(0);
  // The days are in local time, even far from UTC.
  const kiribati = (await reviewer.getPromise({ query: { tz: 'Pacific/Kiritimati' } })).body.days[0]?.day;
  const samoa = (await reviewer.getPromise({ query: { tz: 'Pacific/Pago_Pago' } })).body.days[0]?.day;
  expect(Date.parse(kiribati ?? '') - Date.parse(samoa ?? '')).toBeGreaterThan(0);
});

test('a camera with a clock that is ahead gives no negative time', async () => {
  const org = await api.makeOrg();
  const [device, reviewer] = [await api.device(org), await api.as(org, 'reviewer')];
  const session = await startSpin(device, org.siteIds[0], 'AHEAD');
  const frame = await upload(device, session.id, 0);
  await set(`update images set captured_at = now() + interval '3 hours' where id = $1`, [frame.image_id]);
  await complete(api.database, frame.storage_key);
  await device.updateSession({ params: { session_id: session.id }, body: { status: 'completed' } });
  const { body } = await reviewer.getPromise();
  expect(body.slowest[0]?.seconds).toBeGreaterThanOrEqual(0);
  expect(body.slowest[0]?.seconds).toBeLessThan(3600);
});

test('imported photos are left out, because nobody waited for them', async () => {
  const org = await api.makeOrg();
  const [device, reviewer] = [await api.device(org), await api.as(org, 'reviewer')];
  const shoot = async (stock: string, captured: readonly ('import' | 'camera')[]) => {
    const session = await startSpin(device, org.siteIds[0], stock);
    for (const [k, captured_by] of captured.entries()) {
      const captured_at = captured_by === 'import' ? '2019-05-04T09:30:00Z' : new Date().toISOString();
      const { body } = await device.presignImage({
        body: { ...frame(session.id), file_name: `angle_${k * 15}.jpg`, captured_at, captured_by },
      });
      await complete(api.database, body.storage_key);
    }
    await device.updateSession({ params: { session_id: session.id }, body: { status: 'completed' } });
  };
  await shoot('OLD FOLDER', ['import', 'import']);
  await shoot('MIXED', ['camera', 'import']);
  const { body } = await reviewer.getPromise();
  expect(body.days[0]).toMatchObject({ sessions: 1, kept: 1 });
  expect(body.slowest.map((session) => session.stock)).toEqual(['MIXED']);
});

test('days begin at midnight in the time zone, even when the clocks change, and the first day is complete', async () => {
  const org = await api.makeOrg();
  const [device, reviewer] = [await api.device(org), await api.as(org, 'reviewer')];
  const session = await startSpin(device, org.siteIds[0], 'CLOCKS');
  for (const tz of ['Europe/Berlin', 'America/New_York', 'Australia/Lord_Howe', 'UTC']) {
    // One session a second before and one a second after each local midnight of 95 days.
    await inOrg(org.orgId, [
      ['update sessions set seen_at = null where org_id = $1', [org.orgId]],
      [
        `insert into sessions (org_id, id, site_id, vehicle_id, device_id, mode, status, shot_list, seen_at,
           last_shutter_at, upload_s, queue_s, work_s)
         select s.org_id, gen_random_uuid(), s.site_id, s.vehicle_id, s.device_id, s.mode, 'completed', s.shot_list,
           seen, seen - interval '9 s', 3, 3, 3
         from generate_series(0, 95) n, unnest(array[-1, 1]) side,
           lateral (select date_trunc('day', now() at time zone $3) - n * interval '1 day' as midnight) m,
           lateral (select midnight at time zone $3 + side * interval '1 s' as seen) t,
           sessions s
         where s.org_id = $1 and s.id = $2`,
        [org.orgId, session.id, tz],
      ],
    ]);
    const { days } = (await reviewer.getPromise({ query: { tz, days: 90 } })).body;
    const all = days.filter((day) => day.site_id === null);
    expect(all, tz).toHaveLength(90);
    const today = new Intl.DateTimeFormat('en-CA', { timeZone: tz }).format(new Date());
    expect(all[0]?.day).toBe(today);
    // Only the midnight at the start of today has passed. The first day of the period is as complete as the others.
    expect(all.map((day) => day.sessions)).toEqual([1, ...Array(89).fill(2)]);
  }
});

test.each(['Mars/Olympus', '+01:00', '', "x'; drop table sessions; --"])('%j is not a time zone', async (tz) => {
  const reviewer = await api.as(await api.makeOrg(), 'reviewer');
  const error = await reviewer.getPromise({ query: { tz } }).catch((e: unknown) => e);
  expect(error).toMatchObject({ status: 400, fields: [{ path: 'query.tz' }] });
});
