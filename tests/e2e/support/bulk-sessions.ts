import pg from 'pg';
import type { Installation } from './installation.ts';

/**
 * Writes `count` completed sessions of the demo dealer's first site, a minute apart and older than all other sessions of the
 * test. Every tenth is a session of stills. Session `n` has the stock number `BULK-n` (at least five digits) and a VIN that
 * ends in `n` (six digits).
 */
export async function writeBulkSessions({ database, demo }: Installation['endpoints'], count: number): Promise<void> {
  const client = new pg.Client({ connectionString: database });
  await client.connect();
  try {
    await client.query('begin');
    await client.query(`select set_config('app.org_id', $1, true)`, [demo.org_id]);
    await client.query(
      `with numbers as (select n, uuidv7() as session, uuidv7() as vehicle from generate_series(1, $3::int) n offset 0),
        made as (insert into vehicles (org_id, id, site_id, vin, stock)
          select $1, vehicle, $2, 'WVWZZZ1KZAW' || lpad(n::text, 6, '0'), 'BULK-' || lpad(n::text, greatest(5, length(n::text)), '0') from numbers),
        operator as (select id from users order by email limit 1)
      insert into sessions
        (org_id, id, site_id, vehicle_id, user_id, mode, status, shot_list, started_at, created_at, completed_at)
      select $1, session, $2, vehicle, operator.id, case when n % 10 = 0 then 'stills' else 'studio360' end, 'completed',
        case when n % 10 = 0 then '{"stills": [{"name": "front", "required": true}]}'::jsonb
          else '{"studio360": {"frame_count": 24}}'::jsonb end,
        at, at, at + interval '3 minutes'
      from numbers, operator, lateral (select now() - interval '1 day' - n * interval '1 minute' as at) t`,
      [demo.org_id, demo.site_ids[0], count],
    );
    await client.query('commit');
  } finally {
    await client.end();
  }
}
