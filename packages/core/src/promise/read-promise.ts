import { promisedSeconds, type SessionId, type SiteId } from '@spinbay/contracts';
import { sql } from 'kysely';
import type { OrgTx } from '../store/org-tx.ts';

export interface PromiseQuery {
  /** The number of days, including today. */
  readonly days: number;
  readonly siteId?: SiteId | undefined;
  /** IANA name. */
  readonly timeZone: string;
}

interface PromiseDayRow {
  day: string;
  /** Null: all sites of the day. */
  site_id: SiteId | null;
  site_name: string | null;
  sessions: number;
  kept: number;
  p50_s: number;
  p95_s: number;
  upload_s: number;
  queue_s: number;
  work_s: number;
}

interface SlowSessionRow {
  id: SessionId;
  site_name: string;
  stock: string | null;
  vin: string | null;
  seen_at: Date;
  seconds: number;
  upload_s: number;
  queue_s: number;
  work_s: number;
}

/** The length of the list of the slowest sessions. */
const slowestCount = 10;

/**
 * Statistics of the completed sessions whose last frame became visible in these days, and the slowest of them. Each day has
 * one row for each site and one for all sites together.
 */
export async function readPromise(tx: OrgTx, { days, siteId, timeZone }: PromiseQuery) {
  const site = siteId === undefined ? sql<boolean>`true` : sql<boolean>`s.site_id = ${siteId}`;
  const local = (time: string) => sql`(${sql.raw(time)} at time zone ${timeZone}::text)`;
  const completed = sql`
    select s.id, s.site_id, s.vehicle_id, s.seen_at, s.upload_s, s.queue_s, s.work_s,
      extract(epoch from s.seen_at - s.last_shutter_at)::float8 as seconds
    from sessions s
    where ${tx.ofOrg('s')} and ${tx.ofVisibleSite('s.site_id')} and ${site} and s.status = 'completed'
      and s.seen_at >=
        (date_trunc('day', ${local('now()')}) - make_interval(days => ${days - 1})) at time zone ${timeZone}::text
      and s.last_shutter_at is not null`;
  const median = (column: string) => sql`percentile_cont(0.5) within group (order by ${sql.ref(`s.${column}`)})`;
  const perDay = await tx.run(sql<PromiseDayRow>`
    select s.day, s.site_id, site.name as site_name, s.sessions, s.kept, s.p50_s, s.p95_s, s.upload_s, s.queue_s, s.work_s
    from (
      select s.day, s.site_id, count(*)::int as sessions, (count(*) filter (where s.seconds <= ${promisedSeconds}))::int as kept,
        ${median('seconds')} as p50_s, percentile_cont(0.95) within group (order by s.seconds) as p95_s,
        ${median('upload_s')} as upload_s, ${median('queue_s')} as queue_s, ${median('work_s')} as work_s
      from (select s.*, to_char(${local('s.seen_at')}, 'YYYY-MM-DD') as day from (${completed}) s) s
      group by grouping sets ((s.day, s.site_id), (s.day))
    ) s
    left join sites site on ${tx.ofOrg('site')} and site.id = s.site_id
    order by s.day desc, site.name nulls first, s.site_id`);
  const slow = await tx.run(sql<SlowSessionRow>`
    select s.id, site.name as site_name, v.stock, v.vin, s.seen_at, s.seconds, s.upload_s, s.queue_s, s.work_s
    from (${completed} order by seconds desc, s.id limit ${slowestCount}) s
    join sites site on ${tx.ofOrg('site')} and site.id = s.site_id
    join vehicles v on ${tx.ofOrg('v')} and v.id = s.vehicle_id
    order by s.seconds desc, s.id`);
  return { perDay, slow };
}
