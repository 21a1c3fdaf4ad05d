import { fail, type SessionId, type VehicleId } from '@spinbay/contracts';
import { sql } from 'kysely';
import { type Actor, recordEvent } from '../events/record-event.ts';
import { recordChange } from '../outbox/record-change.ts';
import { type LockedSession, lockSession } from '../sessions/lock-session.ts';
import { isUniqueViolation } from '../store/faults.ts';
import { build, type OrgTx } from '../store/org-tx.ts';
import { readVehicle } from '../vehicles/update-vehicle.ts';
import { addDeletion, type Erasure, hideSession, lockScheduled, removeDeletion, showHidden } from './deletion.ts';
import { countPublished, type EraseOptions, restoreRows } from './erase-session.ts';

async function sessionsOf(tx: OrgTx, vehicle: VehicleId): Promise<SessionId[]> {
  const sessions = await tx.run(
    build
      .selectFrom('sessions')
      .select('id')
      .where(tx.ofOrg('sessions'))
      .where(tx.ofVisibleSite('sessions.site_id'))
      .where('vehicle_id', '=', vehicle)
      .orderBy('id'),
  );
  return sessions.map(({ id }) => id);
}

/** Hides a vehicle with all its sessions immediately and schedules their erasure. A repeated request returns the same erasure. */
export async function eraseVehicle(tx: OrgTx, id: VehicleId, { eraseAfter, confirmed }: EraseOptions, actor: Actor) {
  // Lock sessions before the vehicle, in the same order as all other transactions.
  const locked = new Map<SessionId, LockedSession | undefined>();
  for (const session of await sessionsOf(tx, id)) locked.set(session, await lockSession(tx, session));
  const vehicle = await tx.first(
    build
      .selectFrom('vehicles')
      .select(['id', 'site_id'])
      .where(tx.ofOrg('vehicles'))
      .where(tx.ofVisibleSite('vehicles.site_id'))
      .where('id', '=', id)
      .forUpdate(),
  );
  if (vehicle === undefined) return scheduledVehicle(tx, id);
  // Sessions that were created in the meantime. No more can follow, because creating one needs a lock of the vehicle.
  for (const session of await sessionsOf(tx, id))
    if (!locked.has(session)) locked.set(session, await lockSession(tx, session));
  const mine = [...locked.values()].filter((session) => session !== undefined);
  if (!confirmed) {
    const active = mine.filter(({ status }) => status === 'active').length;
    const published = await countPublished(
      tx,
      mine.map((session) => session.id),
    );
    if (active > 0) return fail('erasure_unconfirmed', `Active sessions: ${active}.`);
    if (published > 0) return fail('erasure_unconfirmed', `Published photos: ${published}.`);
  }
  const place = { siteId: vehicle.site_id, eraseAfter };
  const deletion = await addDeletion(tx, { kind: 'vehicle', entityId: id, ...place });
  let photos = 0;
  for (const session of mine) {
    const own = await addDeletion(tx, { kind: 'session', entityId: session.id, parentId: deletion.id, ...place });
    await recordChange(tx, session, { type: 'session.hidden' });
    photos += await hideSession(tx, session.id, own.id);
    await recordEvent(tx, { entityType: 'session', entityId: session.id, type: 'session.erased', actor });
  }
  await showHidden(tx, deletion.id);
  await tx.run(
    build.updateTable('vehicles').set({ deletion_id: deletion.id }).where(tx.ofOrg('vehicles')).where('id', '=', id),
  );
  await recordEvent(tx, { entityType: 'vehicle', entityId: id, type: 'vehicle.erased', actor });
  return { erasure: { photos, eraseAfter } satisfies Erasure };
}

async function scheduledVehicle(tx: OrgTx, id: VehicleId) {
  const known = await lockScheduled(tx, 'vehicle', id);
  if (known === undefined) return fail('vehicle_not_found');
  await showHidden(tx, 'all');
  const counted = await tx.first(
    sql<{
      photos: number;
    }>`select count(*)::int as photos from images i join deletions d on ${tx.ofOrg('d')} and d.id = i.deletion_id
      where ${tx.ofOrg('i')} and i.vehicle_id = ${id} and d.parent_id = ${known.id}`,
  );
  return { erasure: { photos: counted?.photos ?? 0, eraseAfter: known.erase_after } satisfies Erasure };
}

/**
 * Cancels the scheduled erasure of a vehicle and of the sessions that were erased with it. A vehicle without one stays
 * unchanged.
 */
export async function restoreVehicle(tx: OrgTx, id: VehicleId, actor: Actor) {
  const known = await lockScheduled(tx, 'vehicle', id);
  if (known !== undefined) {
    await showHidden(tx, known.id);
    try {
      await tx.run(
        build.updateTable('vehicles').set({ deletion_id: null }).where(tx.ofOrg('vehicles')).where('id', '=', id),
      );
    } catch (error) {
      if (!isUniqueViolation(error)) throw error;
      return fail('vehicle_conflict', 'Another vehicle of this site now has its stock number or VIN.');
    }
    const sessions = await tx.run(
      build
        .selectFrom('deletions')
        .select(['id', 'entity_id'])
        .where(tx.ofOrg('deletions'))
        .where('parent_id', '=', known.id)
        .orderBy('entity_id'),
    );
    for (const session of sessions) await restoreRows(tx, session.entity_id as SessionId, session.id, actor);
    await removeDeletion(tx, known.id);
    await recordEvent(tx, { entityType: 'vehicle', entityId: id, type: 'vehicle.restored', actor });
  }
  const visible = await tx.first(
    build
      .selectFrom('vehicles')
      .select('id')
      .where(tx.ofOrg('vehicles'))
      .where(tx.ofVisibleSite('vehicles.site_id'))
      .where('id', '=', id),
  );
  return visible === undefined ? fail('vehicle_not_found') : { vehicle: await readVehicle(tx, id) };
}
