import pg from 'pg';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { listSites } from '../sites/list-sites.ts';
import { startTestDatabase, type TestDatabase } from '../testing.ts';
import { StoreUnavailable } from './faults.ts';
import { createStore } from './store.ts';

let database: TestDatabase;
beforeAll(async () => {
  // A separate server, because the password of a role applies to the whole server.
  database = await startTestDatabase({ durable: true });
});
afterAll(() => database?.stop());

/** Rotates the password: the next login needs the new one, open connections continue. */
const setPassword = (password: string) =>
  database.admin.query(`alter role spinbay_app password ${pg.escapeLiteral(password)}`);

function urlWithoutPassword(): string {
  const url = new URL(database.appUrl);
  url.password = '';
  return url.toString();
}

test('a password rotation while a store is in use causes a retry, not an error', async () => {
  const { orgId, siteIds } = await database.makeOrg();
  let current = 'first p@ss:/word';
  await setPassword(current);
  const asked: (string | undefined)[] = [];
  const store = createStore({
    databaseUrl: urlWithoutPassword(),
    password: async (refused) => {
      asked.push(refused);
      return refused === undefined ? 'first p@ss:/word' : current;
    },
    poolSize: 2,
    applicationName: 'rotation',
  });
  try {
    const read = () => store.forOrg(orgId, 'all').read((tx) => listSites(tx));
    expect(await read()).toHaveLength(siteIds.length);
    current = 'second';
    await setPassword(current);
    // The open connection continues. New connections log in with the new password.
    await Promise.all(Array.from({ length: 4 }, read));
    await database.admin.query(`select pg_terminate_backend(pid) from pg_stat_activity where usename = 'spinbay_app'`);
    expect(await read()).toHaveLength(siteIds.length);
    expect(asked.filter((refused) => refused !== undefined)).toContain('first p@ss:/word');
  } finally {
    await store.close();
  }
});

test('a password that is always refused is reported as an unavailable database', async () => {
  const { orgId } = await database.makeOrg();
  const store = createStore({
    databaseUrl: urlWithoutPassword(),
    password: async () => 'wrong',
    applicationName: 'rotation',
  });
  await expect(store.forOrg(orgId, 'all').read((tx) => listSites(tx))).rejects.toThrow(StoreUnavailable);
  await store.close();
});
