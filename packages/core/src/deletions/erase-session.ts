import { fail, type SessionId } from '@spinbay/contracts';
import { sql } from 'kysely';
import { type Actor, recordEvent } from '../events/record-event.ts';
import { recordChange } from '../outbox/record-change.ts';
import { lockSession } from '../sessions/lock-session.ts';
import type { SessionRow } from '../sessions/session-row.ts';
import { getSession } from '../sessions/sessions.ts';
import { build, type OrgTx } from '../store/org-tx.ts';
import { addDeletion, type Erasure, hideSession, lockScheduled, removeDeletion, showHidden } from './deletion.ts';

export interface EraseOptions {
  readonly eraseAfter: Date;
  /** Also erase an active session and published photos. */
  readonly confirmed: boolean;
}

/** Hides a session with its photos immediately and schedules their erasure. A repeated request returns the same erasure. */
export async function eraseSession(tx: OrgTx, id: SessionId, { eraseAfter, confirmed }: EraseOptions, actor: Actor) {
  const session = await lockSession(tx, id);
  if (session === undefined) return scheduledSession(tx, id);
  if (!confirmed) {
    const published = await countPublished(tx, [id]);
    if (session.status === 'active') return fail('erasure_unconfirmed', 'The session is active.');
    if (published > 0) return fail('erasure_unconfirmed', `Published photos: ${published}.`);
  }
  const deletion = await addDeletion(tx, { kind: 'session', entityId: id, siteId: session.site_id, eraseAfter });
  await recordChange(tx, session, { type: 'session.hidden' });
  const photos = await hideSession(tx, id, deletion.id);
  await recordEvent(tx, { entityType: 'session', entityId: id, type: 'session.erased', actor });
  return { erasure: { photos, eraseAfter } satisfies Erasure };
}

async function scheduledSession(tx: OrgTx, id: SessionId) {
  const known = await lockScheduled(tx, 'session', id);
  if (known === undefined) return fail('session_not_found');
  await showHidden(tx, known.id);
  const counted = await tx.first(
    sql<{
      photos: number;
    }>`select count(*)::int as photos from images i where ${tx.ofOrg('i')} and i.session_id = ${id}`,
  );
  return { erasure: { photos: counted?.photos ?? 0, eraseAfter: known.erase_after } satisfies Erasure };
}

/** Cancels the scheduled erasure of a session. A session without one stays unchanged. */
export async function restoreSession(tx: OrgTx, id: SessionId, actor: Actor) {
  const known = await lockScheduled(tx, 'session', id);
  if (known !== undefined) {
    if (known.parent_id !== null)
      return fail('session_not_found', 'Its vehicle will be erased, too. Restore the vehicle.');
    await restoreRows(tx, id, known.id, actor);
  }
  const session: SessionRow | undefined = await getSession(tx, id);
  // The vehicle may have been erased since.
  return session === undefined ? fail('session_not_found') : { session };
}

/** Makes the rows of a session visible again and removes its deletion. */
export async function restoreRows(tx: OrgTx, id: SessionId, deletionId: string, actor: Actor): Promise<void> {
  await showHidden(tx, deletionId);
  for (const table of ['uploads', 'images', 'sessions'] as const) {
    await tx.run(
      build
        .updateTable(table)
        .set({ deletion_id: null })
        .where(tx.ofOrg(table))
        .where(sql<boolean>`deletion_id = ${deletionId}`),
    );
  }
  await removeDeletion(tx, deletionId);
  const session = await lockSession(tx, id);
  if (session === undefined) throw new Error('a session that was just restored is missing');
  await recordChange(tx, session, { type: 'session.restored' });
  await recordEvent(tx, { entityType: 'session', entityId: id, type: 'session.restored', actor });
}

export async function countPublished(tx: OrgTx, sessionIds: readonly SessionId[]): Promise<number> {
  const counted = await tx.first(
    sql<{ n: number }>`select count(*)::int as n from images i
      where ${tx.ofOrg('i')} and i.session_id = any(${sessionIds}::uuid[]) and i.status = 'published'`,
  );
  return counted?.n ?? 0;
}
