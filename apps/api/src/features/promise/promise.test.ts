import { afterAll, beforeAll, expect, test } from 'vitest';
import { complete, frame, startSpin, startTestApi, type TestApi, upload } from '../../testing.ts';

let api: TestApi;
beforeAll(async () => {
  api = await startTestApi();
});
afterAll(() => api?.stop());

const set = (sql: string, values: unknown[]) => api.database.admin.query(sql, values);

test('a completed session is told with its seconds, its phases and whether the promise was kept', async () => {
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
  // A day of local time, however far from UTC.
  const kiribati = (await reviewer.getPromise({ query: { utc_offset_min: 840 } })).body.days[0]?.day;
  const samoa = (await reviewer.getPromise({ query: { utc_offset_min: -660 } })).body.days[0]?.day;
  expect(Date.parse(kiribati ?? '') - Date.parse(samoa ?? '')).toBeGreaterThan(0);
});

test('a camera whose clock is ahead makes no time of less than nothing', async () => {
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

test('imported photos are left out: only what somebody waited for is told', async () => {
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
