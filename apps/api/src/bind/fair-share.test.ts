import { createStore, type Store } from '@spinbay/core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startSpin, startTestApi, type TestApi, type TestOrg } from '../testing.ts';

let api: TestApi;
let store: Store;
let url: string;
let loud: TestOrg;
let quiet: TestOrg;
beforeAll(async () => {
  api = await startTestApi();
  store = createStore({
    databaseUrl: api.database.appUrl,
    poolSize: 4,
    applicationName: 'fair share',
    slots: { perOrg: 3, perCaller: 2, waitingPerOrg: 20, waitingPerCaller: 10, waitMs: 1_000 },
  });
  ({ url } = await api.another({ store }));
  [loud, quiet] = [await api.makeOrg(), await api.makeOrg()];
});
afterAll(async () => {
  await store?.close();
  await api?.stop();
});

/** Locks the rows of sessions during `work`, so that changes of them wait. */
async function whileHeld<T>(sessionIds: string[], work: () => Promise<T>): Promise<T> {
  const holder = await api.database.admin.connect();
  try {
    await holder.query('begin');
    await holder.query('select 1 from sessions where id = any($1) for update', [sessionIds]);
    return await work();
  } finally {
    await holder.query('rollback');
    holder.release();
  }
}

test('one organization that uses all its connections does not slow down another, and gets Retry-After', async () => {
  const one = await api.device(loud);
  const { body: two } = await api.client().authLogin({ body: await api.idToken(loud.emailOf('reviewer')) });
  const { id } = await startSpin(one, loud.siteIds[0], 'LOUD');
  const stranger = await api.device(quiet);
  const patch = (token: string) =>
    fetch(`${url}/sessions/${id}`, {
      method: 'PATCH',
      headers: { 'content-type': 'application/json', authorization: `Bearer ${token}` },
      body: '{"status":"completed"}',
    });
  const there = api.client(stranger.token, url);
  const { flood, statuses } = await whileHeld([id], async () => {
    const flood = Array.from({ length: 60 }, (_, k) => patch(k % 2 === 0 ? one.token : two.token));
    // The other organization continues to work while the database answers none of the flood.
    for (let k = 0; k < 5; k += 1) await there.listSessions({ query: {} });
    await startSpin(there, quiet.siteIds[0], 'QUIET');
    // Requests that found the queue full or waited too long are refused. Three are still in the database.
    const refused: Response[] = [];
    for (const request of flood)
      void request.then((reply) => {
        if (reply.status === 429) refused.push(reply);
      });
    await expect.poll(() => refused.length, { timeout: 30_000 }).toBe(57);
    for (const reply of refused) expect(Number(reply.headers.get('retry-after'))).toBeGreaterThan(0);
    return { flood, statuses: refused.map((reply) => reply.status) };
  });
  expect(statuses).toHaveLength(57);
  const replies = await Promise.all(flood);
  expect(replies.filter((reply) => reply.status !== 429)).toHaveLength(3);
});

test('when many organizations use all connections, a request is refused within seconds, with Retry-After', async () => {
  const sessions = await Promise.all(
    Array.from({ length: 2 }, async () => {
      const org = await api.makeOrg();
      const device = await api.device(org);
      return { token: device.token, ...(await startSpin(device, org.siteIds[0], 'HELD')) };
    }),
  );
  const stranger = await api.device(quiet);
  const ids = sessions.map(({ id }) => id);
  const held = await whileHeld(ids, async () => {
    const held = [...sessions, ...sessions].map(({ token, id }) =>
      fetch(`${url}/sessions/${id}`, {
        method: 'PATCH',
        headers: { 'content-type': 'application/json', authorization: `Bearer ${token}` },
        body: '{"status":"completed"}',
      }),
    );
    const waiting = `select count(*)::int as n from pg_stat_activity
      where application_name = 'fair share' and wait_event_type = 'Lock'`;
    await expect.poll(async () => (await api.database.admin.query(waiting)).rows[0].n, { timeout: 30_000 }).toBe(4);
    const reply = await fetch(`${url}/sites`, { headers: { authorization: `Bearer ${stranger.token}` } });
    expect([reply.status, Number(reply.headers.get('retry-after')) > 0]).toEqual([503, true]);
    return held;
  });
  await Promise.all(held);
  expect((await fetch(`${url}/sites`, { headers: { authorization: `Bearer ${stranger.token}` } })).status).toBe(200);
});
