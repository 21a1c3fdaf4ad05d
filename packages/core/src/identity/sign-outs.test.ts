import type { UserId } from '@spinbay/contracts';
import { v7 } from 'uuid';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { startTestDatabase, type TestDatabase } from '../testing.ts';
import { endTokens } from './sign-outs.ts';

let database: TestDatabase;
let org: Awaited<ReturnType<TestDatabase['makeOrg']>>;
let id: UserId;
beforeAll(async () => {
  database = await startTestDatabase();
});
afterAll(() => database?.stop());
beforeEach(async () => {
  org = await database.makeOrg();
  const { rows } = await database.admin.query<{ id: UserId }>('select id from users where org_id = $1 and email = $2', [
    org.orgId,
    org.emailOf('reviewer'),
  ]);
  if (rows[0] === undefined) throw new Error('no user');
  id = rows[0].id;
});

const end = (tokenId: string | undefined, everywhere: boolean) =>
  database.store.forOrg(org.orgId, 'all').transact((tx) => endTokens(tx, { id, tokenId }, { everywhere }));
const logged = async () => {
  const sql = "select type from events where org_id = $1 and type like 'user.signed_out%' order by id";
  return (await database.admin.query<{ type: string }>(sql, [org.orgId])).rows.map(({ type }) => type);
};

test('the audit log says whether one token ended or all of them', async () => {
  await end(v7(), false);
  expect(await logged()).toEqual(['user.signed_out']);
  await end(v7(), true);
  // A token without an id ends together with all others.
  await end(undefined, false);
  expect(await logged()).toEqual(['user.signed_out', 'user.signed_out_everywhere', 'user.signed_out_everywhere']);
});

test('two requests that end the same token are logged as one', async () => {
  const token = v7();
  await Promise.all([end(token, false), end(token, false)]);
  expect(await logged()).toEqual(['user.signed_out']);
});
