import { startTestPostgres } from '@spinbay/local-postgres/testing';
import pg from 'pg';
import { expect, test } from 'vitest';
import { migrationsDir } from '../testing.ts';
import { ensureAppRole } from './ensure-app-role.ts';
import { inspectDatabase } from './inspect-database.ts';
import { migrate } from './migrate.ts';

test('on an empty server the owner creates the role of API and worker, which is subject to row-level security', async () => {
  const postgres = await startTestPostgres();
  const urlOf = (role: string, password: string) => {
    const url = new URL(postgres.url);
    url.username = role;
    url.password = encodeURIComponent(password);
    url.pathname = '/spinbay';
    return url.toString();
  };
  const admin = new pg.Client({ connectionString: postgres.url });
  await admin.connect();
  try {
    // As on Amazon RDS: an owner with CREATEROLE that is not a superuser.
    await admin.query(`create role spinbay_owner login createrole nosuperuser password 'owner'`);
    await admin.query('create database spinbay owner spinbay_owner');
    const ownerUrl = urlOf('spinbay_owner', 'owner');
    const password = `it's p@ss:/word`;
    const made = await Promise.all([ensureAppRole(ownerUrl, password), ensureAppRole(ownerUrl, password)]);
    expect(made.filter((yes) => yes)).toHaveLength(1);
    await migrate({ ownerUrl, dir: migrationsDir, log: () => undefined });
    // A second run keeps the password, which may have been rotated.
    expect(await ensureAppRole(ownerUrl, 'another')).toBe(false);
    expect(await inspectDatabase(urlOf('spinbay_app', password), migrationsDir)).toContain('role not privileged');
  } finally {
    await admin.end();
    await postgres.stop();
  }
});
