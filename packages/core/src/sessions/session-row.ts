import type {
  DeviceId,
  ImageId,
  SessionId,
  SessionMode,
  SessionStatus,
  ShotList,
  SiteId,
  SpinQc,
  Turntable,
  UserId,
  VehicleId,
} from '@spinbay/contracts';
import { type RawBuilder, sql } from 'kysely';
import { isCurrent, replacementWaits } from '../images/image-row.ts';
import { verdict } from '../images/verdict.ts';
import type { OrgTx } from '../store/org-tx.ts';
import { type AlsoAt, alsoAt } from '../vehicles/also-at.ts';

export interface SessionRow {
  id: SessionId;
  site_id: SiteId;
  site_name: string;
  vehicle_id: VehicleId;
  vin: string | null;
  stock: string | null;
  also_at: AlsoAt[];
  mode: SessionMode;
  status: SessionStatus;
  shot_list: ShotList;
  turntable: Turntable;
  device_id: DeviceId | null;
  device_name: string | null;
  user_id: UserId | null;
  user_name: string | null;
  started_at: Date;
  /** ISO 8601 in UTC, to the microsecond. */
  started_at_exact: string;
  completed_at: Date | null;
  abandoned_at: Date | null;
  created_at: Date;
  pending: number;
  processed: number;
  failed: number;
  published: number;
  expired: number;
  warned: number;
  replacements_waiting: number;
  last_frame_at: Date | null;
  cover_image_id: ImageId | null;
  cover_key: string | null;
  spin_qc: SpinQc | null;
}

/**
 * Sessions with vehicle, site, operator, counts of their current frames and a cover, in one statement, active ones first,
 * then the newest.
 * @param page selects the ids of the sessions. The images of other sessions are not read.
 */
export function selectSessions(tx: OrgTx, page: RawBuilder<unknown>) {
  return sql<SessionRow>`
    select s.id, s.site_id, site.name as site_name, s.vehicle_id, v.vin, v.stock, ${alsoAt(tx)} as also_at, s.mode, s.status,
      s.shot_list, s.turntable,
      s.device_id, coalesce(d.name, d.model) as device_name, s.user_id, u.name as user_name,
      s.started_at, s.completed_at, s.abandoned_at, s.created_at, s.spin_qc,
      to_char(s.started_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') as started_at_exact,
      f.pending, f.processed, f.failed, f.published, f.expired, f.warned, f.replacements_waiting, f.last_frame_at,
      cover.id as cover_image_id, cover.thumb_keys ->> '150' as cover_key
    from (${page}) page
    cross join lateral (
      select s.* from sessions s where ${tx.ofOrg('s')} and ${tx.ofVisibleSession('s')} and s.id = page.id
      limit 1
    ) s
    join sites site on ${tx.ofOrg('site')} and site.id = s.site_id
    join vehicles v on ${tx.ofOrg('v')} and v.id = s.vehicle_id
    left join devices d on ${tx.ofOrg('d')} and d.id = s.device_id
    left join users u on ${tx.ofOrg('u')} and u.id = s.user_id
    cross join lateral (
      select
        ${countOf(sql`i.status = 'pending'`)} as pending,
        ${countOf(sql`i.status = 'processed'`)} as processed,
        ${countOf(sql`i.status = 'failed'`)} as failed,
        ${countOf(sql`i.status = 'published'`)} as published,
        ${countOf(sql`i.status = 'expired'`)} as expired,
        ${countOf(sql`${verdict} = 'warn'`)} as warned,
        ${countOf(replacementWaits())} as replacements_waiting,
        max(i.created_at) as last_frame_at
      from images i left join slots slot on ${tx.ofOrg('slot')} and slot.id = i.slot_id
      where ${tx.ofOrg('i')} and i.session_id = s.id
    ) f
    left join lateral (
      ${coverOf(tx)}
    ) cover on true
    order by (s.status = 'active') desc, s.started_at desc, s.id desc`;
}

/** Counts current frames. */
function countOf(condition: RawBuilder<unknown>) {
  return sql`(count(*) filter (where ${isCurrent()} and ${condition}))::int`;
}

/**
 * The first good picture of session `s`: for each slot in order its published frame, else its current frame; then the frames
 * without a slot.
 */
function coverOf(tx: OrgTx) {
  // Not `coalesce`: with row-level security the join could then not use the index of images.
  const shown = sql`case when slot.published_image_id is null then slot.current_image_id else slot.published_image_id end`;
  // People who may see the session may see all its frames.
  const isVisible = tx.deviceId === null ? sql<boolean>`true` : tx.ofVisibleImage('i');
  const isShowable = sql<boolean>`i.status in ('processed', 'published') and i.thumb_keys is not null and ${isVisible}`;
  return sql`
    select c.id, c.thumb_keys from (
      (select 0 as rank, i.id, i.thumb_keys
        from slots slot join images i on ${tx.ofOrg('i')} and i.id = ${shown}
        where ${tx.ofOrg('slot')} and slot.session_id = s.id and ${isShowable}
        order by slot.position limit 1)
      union all
      (select 1, i.id, i.thumb_keys from images i
        where ${tx.ofOrg('i')} and i.session_id = s.id and i.slot_id is null and ${isShowable}
        order by i.created_at, i.id limit 1)
    ) c order by c.rank limit 1`;
}
