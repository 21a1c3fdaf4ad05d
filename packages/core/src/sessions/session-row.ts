import type {
  DeviceId,
  ImageId,
  SessionId,
  SessionMode,
  SessionStatus,
  ShotList,
  SiteId,
  SpinQc,
  UserId,
  VehicleId,
} from '@spinbay/contracts';
import { type RawBuilder, sql } from 'kysely';
import type { OrgTx, Terms } from '../store/org-tx.ts';
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
  last_frame_at: Date | null;
  cover_image_id: ImageId | null;
  cover_key: string | null;
  spin_qc: SpinQc | null;
}

/**
 * Sessions with vehicle, site, operator, counts of their current frames and a cover, in one statement, the active ones
 * first, then the newest.
 * @param page selects the ids of the few sessions that are wanted: only their images are counted
 */
export function selectSessions(tx: OrgTx, page: RawBuilder<unknown>) {
  return sql<SessionRow>`
    select s.id, s.site_id, site.name as site_name, s.vehicle_id, v.vin, v.stock, ${alsoAt(tx)} as also_at, s.mode, s.status, s.shot_list,
      s.device_id, coalesce(d.name, d.model) as device_name, s.user_id, u.name as user_name,
      s.started_at, s.completed_at, s.abandoned_at, s.created_at, s.spin_qc,
      to_char(s.started_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') as started_at_exact,
      f.pending, f.processed, f.failed, f.published, f.expired, f.warned, f.last_frame_at,
      cover.id as cover_image_id, cover.thumb_keys ->> '150' as cover_key
    from (${page}) page
    cross join lateral (
      select s.* from sessions s where ${tx.ofOrg('s')} and ${tx.ofVisibleSite('s.site_id')} and s.id = page.id
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
        ${countOf(sql`i.status in ('processed', 'published') and i.qc -> 'sharpness' ->> 'status' = 'warn'`)} as warned,
        max(i.created_at) as last_frame_at
      from (${currentImages(tx, sql<boolean>`i.session_id = s.id`)}) i
    ) f
    left join lateral (
      select i.id, i.thumb_keys from images i
      where ${tx.ofOrg('i')} and i.session_id = s.id and i.thumb_keys is not null
      order by i.angle_deg nulls last, i.created_at
      limit 1
    ) cover on true
    order by (s.status = 'active') desc, s.started_at desc, s.id desc`;
}

function countOf(condition: RawBuilder<unknown>) {
  return sql`(count(*) filter (where not i.superseded and ${condition}))::int`;
}

/**
 * Images with `superseded`: a slot that was shot again shows its newest good frame, or its newest where none is good.
 * Frames outside of any slot supersede nothing.
 */
export function currentImages(tx: Pick<Terms, 'ofOrg'>, condition: RawBuilder<boolean>) {
  return sql`
    select i.*, (i.angle_deg is not null or i.shot_name is not null) and row_number() over (
      partition by i.session_id, i.angle_deg, i.shot_name
      order by (i.status in ('processed', 'published')) desc, (i.status <> 'expired') desc,
        coalesce(i.captured_at, i.created_at) desc, i.id desc
    ) > 1 as superseded
    from images i where ${tx.ofOrg('i')} and ${condition}`;
}
