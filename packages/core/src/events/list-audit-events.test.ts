import { randomUUID } from 'node:crypto';
import type { EventId, OrgId } from '@spinbay/contracts';
import pg from 'pg';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { OrgTx } from '../store/org-tx.ts';
import { PreparedStatements } from '../store/prepared-statements.ts';
import { startTestDatabase, type TestDatabase } from '../testing.ts';
import { type AuditFilter, listAuditEvents } from './list-audit-events.ts';

let database: TestDatabase;
let client: pg.Client;
let orgId: OrgId;
const user = randomUUID();

/** 60,000 events that phones reported, 20,000 audit events about photos, and a few about a person. */
beforeAll(async () => {
  database = await startTestDatabase();
  ({ orgId } = await database.makeOrg());
  await database.admin.query(
    `insert into events (org_id, id, entity_type, entity_id, type, actor_type, reported, created_at)
     select $1, gen_random_uuid(), 'image', gen_random_uuid(), 'upload.retried', 'system', true, now() - n * interval '1 minute'
     from generate_series(1, 60000) n`,
    [orgId],
  );
  // The ids grow with time, like those of the server.
  await database.admin.query(
    `insert into events (org_id, id, entity_type, entity_id, type, actor_type, created_at)
     select $1, lpad(to_hex(n), 32, '0')::uuid, case when rare then 'user' else 'image' end,
       case when rare then $2 else gen_random_uuid() end, case when rare then 'user.changed' else 'image.published' end,
       'system', now() - (20001 - n) * interval '1 minute'
     from (select n, n % 4000 = 0 as rare from generate_series(1, 20000) n) made`,
    [orgId, user],
  );
  await database.admin.query('vacuum analyze events');
  client = new pg.Client({ connectionString: database.appUrl });
  await client.connect();
});
afterAll(async () => {
  await client?.end();
  await database?.stop();
});

interface PlanNode {
  'Relation Name'?: string;
  'Node Type': string;
  'Actual Rows': number;
  'Actual Loops': number;
  'Rows Removed by Filter'?: number;
  Plans?: PlanNode[];
}

function rowsReadBy(node: PlanNode): number {
  const own = node['Relation Name'] === 'events' ? node['Actual Rows'] + (node['Rows Removed by Filter'] ?? 0) : 0;
  return own * node['Actual Loops'] + (node.Plans ?? []).reduce((sum, inner) => sum + rowsReadBy(inner), 0);
}

/** Reads a page as the role of the API. @returns the number of rows that were touched */
async function read(filter: AuditFilter, limit: number) {
  let rowsRead = 0;
  const explaining = {
    query: async (text: string, values: unknown[]) => {
      const { rows } = await client.query(`explain (analyze, format json, timing off) ${text}`, values);
      rowsRead += rowsReadBy(rows[0]['QUERY PLAN'][0].Plan);
      return client.query(text, values);
    },
  };
  await client.query('begin read only');
  try {
    await client.query(`select set_config('app.org_id', $1, true)`, [orgId]);
    const page = await listAuditEvents(
      new OrgTx(
        { orgId, sites: 'all', deviceId: null },
        explaining as unknown as pg.PoolClient,
        new PreparedStatements(),
      ),
      filter,
      limit,
    );
    return { ...page, rowsRead };
  } finally {
    await client.query('rollback');
  }
}

test('a page of the audit log reads only the rows that it shows, for any filter and any length of the log', async () => {
  const first = await read({}, 50);
  expect(first.items).toHaveLength(50);
  const deep = await read({ before: '00000000-0000-0000-0000-000000001000' as EventId }, 50);
  expect(deep.items[0]?.id).toBe('00000000-0000-0000-0000-000000000fff');
  const rare = await read({ type: 'user.changed' }, 3);
  expect([rare.items.length, rare.next]).toEqual([3, rare.items[2]?.id]);
  const person = await read({ entity: { type: 'user', id: user } }, 50);
  expect([person.items.length, person.next]).toEqual([5, null]);
  const last = await read(
    { entity: { type: 'user', id: user }, type: 'user.changed', before: person.items[3]?.id },
    50,
  );
  expect([last.items.length, last.next]).toEqual([1, null]);
  for (const page of [first, deep, rare, person, last]) expect(page.rowsRead).toBeLessThanOrEqual(51);
});
