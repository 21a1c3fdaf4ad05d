import type { SessionMode, SessionPosition, SessionStatus, SiteId, VehicleId } from '@spinbay/contracts';
import { type RawBuilder, sql } from 'kysely';
import type { OrgTx } from '../store/org-tx.ts';
import { findVehicles, isFoundBy, vehicleIsFound } from '../vehicles/find-vehicles.ts';
import { type SessionRow, selectSessions } from './session-row.ts';

export interface SessionFilter {
  readonly siteId?: SiteId | undefined;
  readonly status?: SessionStatus | undefined;
  readonly mode?: SessionMode | undefined;
  readonly vehicleId?: VehicleId | undefined;
  /** The start of a stock number, or the start or end of a VIN, in upper case. */
  readonly q?: string | undefined;
}

export interface SessionPage {
  readonly limit: number;
  readonly offset: number;
  /** The last session of the previous page. */
  readonly after?: SessionPosition | undefined;
}

export interface SessionList {
  readonly items: SessionRow[];
  /** The number of sessions on all pages; undefined for a search by `q`. */
  readonly total: number | undefined;
  /** The position of the last item, if more follow. */
  readonly next: SessionPosition | null;
}

/** If a search finds more vehicles than this, it scans the list instead of collecting their sessions. */
const maxVehicles = 2_000;

/** A page of sessions, active ones first, then the newest, and their total number. */
export async function listSessions(tx: OrgTx, filter: SessionFilter, page: SessionPage): Promise<SessionList> {
  const vehicles = await wantedVehicles(tx, filter);
  // One extra session shows whether another page follows.
  const wanted = { ...page, limit: page.limit + 1 };
  const ids =
    vehicles === null && tx.deviceId === null ? newest(tx, filter, wanted) : sorted(tx, vehicles, filter, wanted);
  const rows = await tx.run(selectSessions(tx, ids));
  const items = rows.slice(0, page.limit);
  const last = rows.length > page.limit ? items.at(-1) : undefined;
  return {
    items,
    total: filter.q === undefined ? await countSessions(tx, filter) : undefined,
    next:
      last === undefined ? null : { active: last.status === 'active', startedAt: last.started_at_exact, id: last.id },
  };
}

/** @returns null if the filter allows all vehicles, or if a search finds so many that the list is scanned */
async function wantedVehicles(tx: OrgTx, filter: SessionFilter): Promise<VehicleId[] | null> {
  const { q, vehicleId } = filter;
  if (vehicleId === undefined) return q === undefined ? null : findVehicles(tx, q, maxVehicles);
  return q === undefined || (await vehicleIsFound(tx, vehicleId, q)) ? [vehicleId] : [];
}

const allStatuses: readonly SessionStatus[] = ['active', 'completed', 'abandoned'];
/** Sorts after every time and every id, so the list starts at its newest session. */
const start = { at: 'infinity', id: 'ffffffff-ffff-ffff-ffff-ffffffffffff' };

/**
 * The ids of a page, merged from one run per state (and site). Each run is read in order from an index, and only as far as
 * the page can need.
 */
function newest(tx: OrgTx, filter: SessionFilter, page: SessionPage): RawBuilder<unknown> {
  const { after } = page;
  const wanted = filter.status === undefined ? allStatuses : [filter.status];
  // No active session follows a finished one.
  const runs = after?.active === false ? wanted.filter((status) => status !== 'active') : wanted;
  // A run of the previous page continues where that page ended.
  const from = runs.map((status) =>
    after !== undefined && after.active === (status === 'active') ? { at: after.startedAt, id: after.id } : start,
  );
  const sites = sitesOf(tx, filter);
  const conditions = [
    tx.ofOrg('s'),
    sql<boolean>`s.status = run.status and (s.started_at, s.id) < (run.at, run.id)`,
    ...(sites === 'all' ? [] : [sql<boolean>`s.site_id = site.id`]),
    ...(filter.mode === undefined ? [] : [sql<boolean>`s.mode = ${filter.mode}`]),
    ...(filter.q === undefined ? [] : [vehicleMatches(tx, filter.q)]),
  ];
  return sql`
    select found.id
    from unnest(${runs}::text[], ${from.map(({ at }) => at)}::timestamptz[], ${from.map(({ id }) => id)}::uuid[])
      as run (status, at, id)
    ${sites === 'all' ? sql`` : sql`cross join unnest(${sites}::uuid[]) as site (id)`}
    cross join lateral (
      select s.id, s.status, s.started_at from sessions s where ${sql.join(conditions, sql` and `)}
      order by s.started_at desc, s.id desc limit ${page.limit + page.offset}
    ) found
    order by (found.status = 'active') desc, found.started_at desc, found.id desc
    limit ${page.limit} offset ${page.offset}`;
}

/** Whether `q` finds the vehicle of session `s`. A scalar subquery, because `exists` would become a join with all vehicles. */
function vehicleMatches(tx: OrgTx, q: string): RawBuilder<boolean> {
  return sql<boolean>`(select ${isFoundBy(q)} from vehicles v where ${tx.ofOrg('v')} and v.id = s.vehicle_id)`;
}

/**
 * The ids of a page of a small set of sessions, which is read and sorted completely: the sessions of a few vehicles, or those
 * that a device may read.
 * @param vehicles null for all sessions of a device
 */
function sorted(
  tx: OrgTx,
  vehicles: readonly VehicleId[] | null,
  filter: SessionFilter,
  page: SessionPage,
): RawBuilder<unknown> {
  const { after } = page;
  const behind =
    after === undefined
      ? sql<boolean>`true`
      : sql<boolean>`(s.status = 'active', s.started_at, s.id) < (${after.active}, ${after.startedAt}::timestamptz, ${after.id}::uuid)`;
  const conditions = [
    isListed(tx),
    matches('s', filter),
    behind,
    ...(vehicles === null ? [] : [sql<boolean>`s.vehicle_id = any(${vehicles}::uuid[])`]),
    ...(vehicles === null && filter.q !== undefined ? [vehicleMatches(tx, filter.q)] : []),
  ];
  return sql`
    select s.id from sessions s
    where ${sql.join(conditions, sql` and `)}
    order by (s.status = 'active') desc, s.started_at desc, s.id desc
    limit ${page.limit} offset ${page.offset}`;
}

/** The condition that the caller may read session `s`, for `sorted` and for counts. */
function isListed(tx: OrgTx): RawBuilder<boolean> {
  const ofDevice = tx.deviceSessionIds === null ? sql`` : sql` and s.id in (${tx.deviceSessionIds})`;
  return sql<boolean>`${tx.ofOrg('s')} and ${tx.ofVisibleSite('s.site_id')}${ofDevice}`;
}

/** The exact number: for a device or a vehicle from an index, else from the counts of each site. */
async function countSessions(tx: OrgTx, filter: SessionFilter): Promise<number> {
  const { vehicleId } = filter;
  const ofVehicle = vehicleId === undefined ? sql`` : sql` and s.vehicle_id = ${vehicleId}`;
  const counted = await tx.first(
    vehicleId === undefined && tx.deviceId === null
      ? sql<{ total: number }>`select coalesce(sum(c.n), 0)::int as total from session_counts c
          where ${tx.ofOrg('c')} and ${tx.ofVisibleSite('c.site_id')} and ${matches('c', filter)}`
      : sql<{ total: number }>`select count(*)::int as total from sessions s
          where ${isListed(tx)}${ofVehicle} and ${matches('s', filter)}`,
  );
  return counted?.total ?? 0;
}

/** The filters that apply to sessions and to their counts. */
function matches(alias: 's' | 'c', { siteId, status, mode }: SessionFilter): RawBuilder<boolean> {
  const column = (name: string) => sql.ref(`${alias}.${name}`);
  const conditions = [
    sql<boolean>`true`,
    ...(siteId === undefined ? [] : [sql<boolean>`${column('site_id')} = ${siteId}`]),
    ...(status === undefined ? [] : [sql<boolean>`${column('status')} = ${status}`]),
    ...(mode === undefined ? [] : [sql<boolean>`${column('mode')} = ${mode}`]),
  ];
  return sql<boolean>`${sql.join(conditions, sql` and `)}`;
}

/** The requested sites that the caller may see. */
function sitesOf(tx: OrgTx, { siteId }: SessionFilter): 'all' | readonly SiteId[] {
  if (siteId === undefined) return tx.sites;
  return tx.sites === 'all' || tx.sites.includes(siteId) ? [siteId] : [];
}
