import { cp, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { expect, test } from 'vitest';
import { migrationsDir, startTestDatabase } from '../testing.ts';
import { migrate } from './migrate.ts';

test('a migration that loses a deadlock with a running request is retried', async () => {
  const database = await startTestDatabase();
  const dir = await mkdtemp(join(tmpdir(), 'spinbay-migrate-'));
  const request = new pg.Client({ connectionString: database.admin.options.connectionString });
  const gate = await database.admin.connect();
  const waiting = async (query: string) => {
    const { rows } = await database.admin.query(
      `select from pg_stat_activity where wait_event_type = 'Lock' and position($1 in query) > 0 and pid <> pg_backend_pid()`,
      [query],
    );
    return rows.length;
  };
  try {
    await cp(migrationsDir, dir, { recursive: true });
    await writeFile(
      join(dir, '9998_later.sql'),
      `alter table images add column of_later int; select pg_advisory_xact_lock(7); alter table sessions add column of_later int;`,
    );
    await gate.query('select pg_advisory_lock(7)');
    await request.connect();
    // PostgreSQL ends the transaction that detects the deadlock first. This setting makes it the migration.
    await request.query(`set deadlock_timeout = '1h'`);
    await request.query('begin');
    await request.query('lock table sessions in row share mode');
    const migrating = migrate({ ownerUrl: database.ownerUrl, dir, log: () => undefined });
    await expect.poll(() => waiting('pg_advisory_xact_lock'), { timeout: 30_000 }).toBe(1);
    const locked = request.query('lock table images in row share mode');
    await expect.poll(() => waiting('lock table images'), { timeout: 30_000 }).toBe(1);
    // Now the migration continues, and each transaction waits for the other.
    await gate.query('select pg_advisory_unlock(7)');
    await locked;
    await request.query('commit');
    expect(await migrating).toEqual(['9998_later']);
  } finally {
    await request.end();
    gate.release();
    await database.stop();
    await rm(dir, { recursive: true });
  }
});
