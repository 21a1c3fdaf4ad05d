import type { ImageId, SessionId, SessionStatus, ShotList, SiteId, VehicleId } from '@spinbay/contracts';
import { type RawBuilder, sql } from 'kysely';
import type { OrgTx } from '../store/org-tx.ts';

/** A session whose row this transaction has locked. Only the functions of this file create one. */
export interface LockedSession {
  readonly id: SessionId;
  readonly site_id: SiteId;
  readonly vehicle_id: VehicleId;
  readonly status: SessionStatus;
  readonly shot_list: ShotList;
  readonly completed_at: Date | null;
  readonly abandoned_at: Date | null;
}

/**
 * Locks a session that the caller may see, until the transaction ends. Every change of the state of a session or its images
 * takes this lock first. This serializes publications, retakes and completions, and prevents deadlocks. The lock is weaker
 * than that of a deletion: rows that refer to the session can be written at the same time.
 */
export function lockSession(tx: OrgTx, id: SessionId): Promise<LockedSession | undefined> {
  return lock(tx, sql`${id}::uuid`);
}

/**
 * Locks a session that the caller may see, or an active session at a site of the caller: a device may shoot in active sessions
 * that it may not read.
 */
export function lockSessionToShoot(tx: OrgTx, id: SessionId): Promise<LockedSession | undefined> {
  const isOpenHere = sql<boolean>`(s.status = 'active' and ${tx.ofVisibleSite('s.site_id')})`;
  return lock(tx, sql`${id}::uuid`, sql<boolean>`(${tx.ofVisibleSession('s')} or ${isOpenHere})`);
}

/** Locks the session of an image. */
export function lockSessionOf(tx: OrgTx, imageId: ImageId): Promise<LockedSession | undefined> {
  return lock(tx, sql`(select i.session_id from images i where ${tx.ofOrg('i')} and i.id = ${imageId})`);
}

async function lock(
  tx: OrgTx,
  id: RawBuilder<unknown>,
  condition = tx.ofVisibleSession('s'),
): Promise<LockedSession | undefined> {
  const [session] = await tx.runPrepared(sql<LockedSession>`
    select s.id, s.site_id, s.vehicle_id, s.status, s.shot_list, s.completed_at, s.abandoned_at from sessions s
    where ${tx.ofOrg('s')} and ${condition} and s.id = ${id} for no key update`);
  return session;
}
