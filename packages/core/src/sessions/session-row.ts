import type {
  DeviceId,
  ImageId,
  SessionId,
  SessionMode,
  SessionStatus,
  ShotList,
  SiteId,
  UserId,
  VehicleId,
} from '@spinbay/contracts';
import { type RawBuilder, sql } from 'kysely';
import type { OrgTx } from '../store/org-tx.ts';

export interface SessionRow {
  id: SessionId;
  site_id: SiteId;
  site_name: string;
  vehicle_id: VehicleId;
  vin: string | null;
  stock: string | null;
  mode: SessionMode;
  status: SessionStatus;
  shot_list: ShotList;
  device_id: DeviceId | null;
  device_model: string | null;
  user_id: UserId | null;
  user_name: string | null;
  started_at: Date;
  completed_at: Date | null;
  abandoned_at: Date | null;
  created_at: Date;
  pending: number;
  processed: number;
  failed: number;
  published: number;
  expired: number;
  cover_image_id: ImageId | null;
  cover_key: string | null;
}

/**
 * Sessions with vehicle, site, operator, counts of their current frames and a cover, in one statement: the page is cut
 * first, then only the images of its sessions are counted.
 * @param condition over `s` (sessions); organization and visible sites are added here
 */
export function selectSessions(tx: OrgTx, condition: RawBuilder<boolean>, page: { limit: number; offset: number }) {
  return sql<SessionRow>`
    with page as (
      select s.* from sessions s
      where ${tx.ofOrg('s')} and ${tx.ofVisibleSite('s.site_id')} and ${condition}
      order by (s.status = 'active') desc, s.started_at desc, s.id desc
      limit ${page.limit} offset ${page.offset}
    )
    select s.id, s.site_id, site.name as site_name, s.vehicle_id, v.vin, v.stock, s.mode, s.status, s.shot_list,
      s.device_id, d.model as device_model, s.user_id, u.name as user_name,
      s.started_at, s.completed_at, s.abandoned_at, s.created_at,
      f.pending, f.processed, f.failed, f.published, f.expired, cover.id as cover_image_id, cover.thumb_keys ->> '150' as cover_key
    from page s
    join sites site on ${tx.ofOrg('site')} and site.id = s.site_id
    join vehicles v on ${tx.ofOrg('v')} and v.id = s.vehicle_id
    left join devices d on ${tx.ofOrg('d')} and d.id = s.device_id
    left join users u on ${tx.ofOrg('u')} and u.id = s.user_id
    cross join lateral (
      select
        (count(*) filter (where i.status = 'pending'))::int as pending,
        (count(*) filter (where i.status = 'processed'))::int as processed,
        (count(*) filter (where i.status = 'failed'))::int as failed,
        (count(*) filter (where i.status = 'published'))::int as published,
        (count(*) filter (where i.status = 'expired'))::int as expired
      from (${currentImages(tx, sql<boolean>`i.session_id = s.id`)}) i
      where not i.superseded
    ) f
    left join lateral (
      select i.id, i.thumb_keys from images i
      where ${tx.ofOrg('i')} and i.session_id = s.id and i.thumb_keys is not null
      order by i.angle_deg nulls last, i.created_at
      limit 1
    ) cover on true
    order by (s.status = 'active') desc, s.started_at desc, s.id desc`;
}

/**
 * Images with `superseded`: a slot that was shot again shows its newest good frame, or its newest where none is good.
 * Frames outside of any slot supersede nothing.
 */
export function currentImages(tx: OrgTx, condition: RawBuilder<boolean>) {
  return sql`
    select i.*, (i.angle_deg is not null or i.shot_name is not null) and row_number() over (
      partition by i.session_id, i.angle_deg, i.shot_name
      order by (i.status in ('processed', 'published')) desc, (i.status <> 'expired') desc,
        coalesce(i.captured_at, i.created_at) desc, i.id desc
    ) > 1 as superseded
    from images i where ${tx.ofOrg('i')} and ${condition}`;
}
