import {
  type DeviceId,
  fail,
  promisedSeconds,
  type SessionId,
  type SessionMode,
  type SessionStatus,
  type ShotList,
  type SiteId,
  sessionTransitions,
  type Turntable,
  type UserId,
} from '@spinbay/contracts';
import { sql } from 'kysely';
import { refuseErasedSession } from '../deletions/refuse-erased-session.ts';
import { changesOf } from '../events/changes.ts';
import { type Actor, recordEvent } from '../events/record-event.ts';
import { newId } from '../new-id.ts';
import { countSession } from '../organizations/quotas.ts';
import { recordChange } from '../outbox/record-change.ts';
import { siteIsVisible } from '../sites/list-sites.ts';
import { settleSlots } from '../slots/settle-slots.ts';
import { build, type OrgTx } from '../store/org-tx.ts';
import { findOrCreateVehicle } from '../vehicles/find-or-create-vehicle.ts';
import { joinSession } from './join-session.ts';
import { type LockedSession, lockSession } from './lock-session.ts';
import { type SessionRow, selectSessions } from './session-row.ts';

export interface NewSession {
  readonly id?: SessionId | undefined;
  readonly siteId: SiteId;
  readonly vehicle: { vin?: string | undefined; stock?: string | undefined };
  readonly mode: SessionMode;
  readonly shotList: ShotList;
  /** Default: clockwise. */
  readonly turntable?: Turntable;
  readonly by: { type: 'device'; id: DeviceId } | { type: 'user'; id: UserId };
}

/**
 * Starts a session. If the same request already created a session with this id, returns that one (`created` is false). A
 * device that sends the id, site, vehicle and mode of a session that it may read joins that session.
 */
export async function createSession(tx: OrgTx, wanted: NewSession) {
  if (!(await siteIsVisible(tx, wanted.siteId))) return fail('site_not_found');
  const vehicle = await findOrCreateVehicle(tx, wanted.siteId, wanted.vehicle);
  if ('failure' in vehicle) return vehicle;
  const id = wanted.id ?? newId<SessionId>();
  const inserted = await tx.first(
    build
      .insertInto('sessions')
      .values({
        org_id: tx.orgId,
        id,
        site_id: wanted.siteId,
        vehicle_id: vehicle.id,
        device_id: wanted.by.type === 'device' ? wanted.by.id : null,
        user_id: wanted.by.type === 'user' ? wanted.by.id : null,
        mode: wanted.mode,
        status: 'active',
        shot_list: JSON.stringify(wanted.shotList),
        turntable: wanted.turntable ?? 'clockwise',
        completed_at: null,
        abandoned_at: null,
      })
      .onConflict((conflict) => conflict.columns(['org_id', 'id']).doNothing())
      .returning('id'),
  );
  if (inserted !== undefined) {
    // After the insert, which waits for a transaction that deletes the rows of a session with this id.
    const refused = (await refuseErasedSession(tx, id)) ?? (await countSession(tx));
    if (refused !== null) return refused;
    await recordChange(tx, { id, site_id: wanted.siteId }, { type: 'session.created' });
  }
  const session = await getSession(tx, id);
  // The id belongs to a different session, which the caller may not be allowed to see.
  if (session === undefined) return fail('session_conflict');
  const same = session.site_id === wanted.siteId && session.vehicle_id === vehicle.id && session.mode === wanted.mode;
  if (!same) return fail('session_conflict');
  if (inserted === undefined) await joinSession(tx, id);
  return { session, created: inserted !== undefined };
}

/**
 * Changes the state of a session, or the time of its current state. A repeated request changes nothing and is not an error.
 */
export async function updateSession(
  tx: OrgTx,
  id: SessionId,
  change: { status: SessionStatus; completedAt?: Date | undefined; abandonedAt?: Date | undefined },
  actor: Actor,
) {
  const current = await lockSession(tx, id);
  if (current === undefined) return fail('session_not_found');
  if (current.status !== change.status) {
    if (!sessionTransitions[current.status].includes(change.status)) {
      const detail = `It is ${current.status} and can become ${sessionTransitions[current.status].join(' or ')}, not ${change.status}.`;
      return fail('session_state_conflict', detail);
    }
    await tx.run(
      build
        .updateTable('sessions')
        .set({
          status: change.status,
          completed_at: change.status === 'completed' ? (change.completedAt ?? sql<Date>`now()`) : null,
          abandoned_at: change.status === 'abandoned' ? (change.abandonedAt ?? sql<Date>`now()`) : null,
          promise_due_at:
            change.status === 'completed' ? sql<Date>`now() + make_interval(secs => ${promisedSeconds})` : null,
          spin_qc: null,
          // The ETag of the frames must also change with the state of the session.
          images_version: sql`images_version + 1`,
        })
        .where(tx.ofOrg('sessions'))
        .where('id', '=', id),
    );
    const type = change.status === 'active' ? 'session.reopened' : (`session.${change.status}` as const);
    await recordChange(tx, current, { type });
    await settleSlots(tx, { ...current, status: change.status }, 'all');
    await recordEvent(tx, { entityType: 'session', entityId: id, type: `session.${change.status}`, actor });
  } else {
    await correctTime(tx, current, change, actor);
  }
  const session = await getSession(tx, id);
  return session === undefined ? fail('session_not_found') : { session };
}

/**
 * Stores the time of the newest request: a phone that repeats the completion after a lost reply may send a different time.
 */
async function correctTime(
  tx: OrgTx,
  current: LockedSession,
  { completedAt, abandonedAt }: { completedAt?: Date | undefined; abandonedAt?: Date | undefined },
  actor: Actor,
): Promise<void> {
  const before = { completed_at: current.completed_at, abandoned_at: current.abandoned_at };
  const after = { completed_at: completedAt ?? before.completed_at, abandoned_at: abandonedAt ?? before.abandoned_at };
  const meta = changesOf(before, after);
  if (meta === null) return;
  await tx.run(build.updateTable('sessions').set(after).where(tx.ofOrg('sessions')).where('id', '=', current.id));
  await recordEvent(tx, { entityType: 'session', entityId: current.id, type: 'session.time_corrected', meta, actor });
}

export function getSession(tx: OrgTx, id: SessionId): Promise<SessionRow | undefined> {
  return tx.first(selectSessions(tx, sql`select ${id}::uuid as id`));
}
