import pg from 'pg';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { migrateToBefore, migrateToLatest } from '../testing/upgrade.ts';
import { startTestDatabase, type TestDatabase } from '../testing.ts';

let database: TestDatabase;
beforeAll(async () => {
  database = await startTestDatabase();
});
afterAll(() => database?.stop());

/** One person belongs to one organization. The other one belongs to both, and has signed in to the first. */
const before = `
  insert into organizations (id, name) select md5(k)::uuid, k from unnest(array['first', 'second']) k;
  insert into users (org_id, id, email, name, role) values
    (md5('first')::uuid, md5('single')::uuid, 'single@example.test', '', 'admin'),
    (md5('first')::uuid, md5('home')::uuid, 'both@example.test', '', 'admin'),
    (md5('second')::uuid, md5('foreign')::uuid, 'both@example.test', '', 'admin');
  insert into events (id, org_id, entity_type, entity_id, type, actor_type, actor_id)
    select gen_random_uuid(), org_id, 'user', id, 'user.signed_in', 'user', id from users where id = md5('home')::uuid;`;

test('earlier members stay members, except those of a second organization who never signed in there', async () => {
  const admin = new pg.Client({ connectionString: database.empty.superuser });
  try {
    await migrateToBefore(database, '0029');
    await admin.connect();
    await admin.query(before);
    await migrateToLatest(database);
    const { rows } = await admin.query(`
      select k as person, invitation from users join unnest(array['single', 'home', 'foreign']) k on id = md5(k)::uuid order by k`);
    expect(rows).toEqual([
      { person: 'foreign', invitation: 'open' },
      { person: 'home', invitation: 'accepted' },
      { person: 'single', invitation: 'accepted' },
    ]);
    const { rows: unforced } = await admin.query(
      `select relname from pg_class where relname in ('users', 'events') and not relforcerowsecurity`,
    );
    expect(unforced).toEqual([]);
  } finally {
    await admin.end();
  }
});
