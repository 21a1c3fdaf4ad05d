import type { DeletionId, SessionId, SiteId, VehicleId } from '@spinbay/contracts';
import { sql } from 'kysely';
import { newId } from '../new-id.ts';
import { build, type OrgTx } from '../store/org-tx.ts';
import type { DeletionKind } from './deletion-kind.ts';

/** A scheduled erasure: its data is hidden now and can be restored until `erase_after`. */
export interface Erasure {
  readonly photos: number;
  readonly eraseAfter: Date;
}

export interface Deletion {
  readonly id: string;
  readonly eraseAfter: Date;
}

interface NewDeletion {
  readonly kind: DeletionKind;
  readonly entityId: string;
  readonly siteId: SiteId | null;
  readonly eraseAfter: Date;
  readonly parentId?: string;
}

/** Adds a deletion, and lets the rest of the transaction see the rows that it hides. */
export async function addDeletion(tx: OrgTx, wanted: NewDeletion): Promise<Deletion> {
  const id = newId<DeletionId>();
  // Earlier versions let a session have the id of one that was erased at another site. A session has at most one deletion, so
  // the new one replaces the old one.
  await tx.run(
    build
      .deleteFrom('deletions')
      .where(tx.ofOrg('deletions'))
      .where('kind', '=', wanted.kind)
      .where('entity_id', '=', wanted.entityId)
      .where('state', '<>', 'scheduled'),
  );
  await tx.run(
    build.insertInto('deletions').values({
      org_id: tx.orgId,
      id,
      kind: wanted.kind,
      entity_id: wanted.entityId,
      site_id: wanted.siteId,
      parent_id: wanted.parentId ?? null,
      erase_after: wanted.eraseAfter,
      next_try_at: wanted.eraseAfter,
    }),
  );
  await showHidden(tx, id);
  return { id, eraseAfter: wanted.eraseAfter };
}

/** Lets the rest of the transaction see the rows that a deletion hides. `all`: the rows of all deletions. */
export async function showHidden(tx: OrgTx, deletionId: string): Promise<void> {
  await tx.run(sql`select set_config('app.deletion', ${deletionId}, true) where ${tx.orgId}::uuid is not null`);
}

/** Hides the rows of a session. The transaction must hold the session's lock. @returns the number of its photos */
export async function hideSession(tx: OrgTx, id: SessionId, deletionId: string): Promise<number> {
  const hide = (table: 'sessions' | 'images' | 'uploads', column: string) =>
    tx.run(sql`update ${sql.table(table)} t set deletion_id = ${deletionId}
      where ${tx.ofOrg('t')} and ${sql.ref(`t.${column}`)} = ${id} returning 1`);
  const [, images] = await Promise.all([
    hide('sessions', 'id'),
    hide('images', 'session_id'),
    hide('uploads', 'session_id'),
  ]);
  return images.length;
}

/** A scheduled deletion at a site that the caller may see, locked against the worker. */
export function lockScheduled(tx: OrgTx, kind: DeletionKind, entityId: SessionId | VehicleId) {
  return tx.first(
    build
      .selectFrom('deletions')
      .select(['id', 'parent_id', 'erase_after'])
      .where(tx.ofOrg('deletions'))
      .where(tx.ofVisibleSite('deletions.site_id'))
      .where('kind', '=', kind)
      .where('entity_id', '=', entityId)
      .where('state', '=', 'scheduled')
      // After this time a worker may have removed some photos.
      .where(sql<boolean>`erase_after > clock_timestamp()`)
      .forUpdate(),
  );
}

export async function removeDeletion(tx: OrgTx, id: string): Promise<void> {
  await tx.run(build.deleteFrom('deletions').where(tx.ofOrg('deletions')).where('id', '=', id));
}
