import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { migrationsDir, startTestDatabase, type TestDatabase } from '../testing.ts';
import { inspectDatabase } from './inspect-database.ts';

let database: TestDatabase;
beforeAll(async () => {
  database = await startTestDatabase();
});
afterAll(() => database?.stop());

const reason = (url: string, dir = migrationsDir) =>
  inspectDatabase(url, dir).then(
    () => 'no error',
    (error: Error) => error.message,
  );
const urlWith = (over: Partial<Pick<URL, 'username' | 'password' | 'pathname' | 'port'>>) =>
  Object.assign(new URL(database.appUrl), over).toString();

test('accepts a migrated database', async () => {
  expect(await reason(database.appUrl)).toBe('no error');
});

test('an empty database was never migrated', async () => {
  expect(await reason(database.empty.owner)).toMatch(/^it was never migrated \(.*schema_migrations/);
});

test('a missing folder of migrations is not reported as a fault of the database', async () => {
  const missing = join(migrationsDir, 'no-such-folder');
  expect(await reason(database.appUrl, missing)).toMatch(
    /^its migrations could not be compared \(ENOENT.*no-such-folder/,
  );
});

test('a role that may not read the migrations is named as the reason', async () => {
  await database.admin.query('revoke select on schema_migrations from spinbay_app');
  try {
    expect(await reason(database.appUrl)).toMatch(/^the role of DATABASE_URL may not read its migrations/);
  } finally {
    await database.admin.query('grant select on schema_migrations to spinbay_app');
  }
});

test('a refused connection is distinguished from a server that does not answer', async () => {
  expect(await reason(urlWith({ pathname: '/no_such_database' }))).toMatch(
    /^it refuses the connection \(.*no_such_database/,
  );
  expect(await reason(urlWith({ port: '9' }))).toMatch(/^it does not answer \(/);
});
