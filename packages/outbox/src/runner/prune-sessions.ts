import { oldestFirst, photosBySession } from '../core/plan.ts';
import { bytesKey, isFinished, type PhotoRow, type Row, type SessionRow } from '../core/rows.ts';
import type { Retention } from '../ports.ts';
import type { Ledger } from './ledger.ts';

/**
 * Removes the rows and previews of finished sessions that are old enough. A session with anything that the server has not
 * confirmed, or with an original on this device, stays.
 */
export async function pruneSessions<Bytes>(
  ledger: Ledger<Bytes>,
  { newest, others }: Retention,
  now: number,
  storageIsLow: boolean,
): Promise<void> {
  const photos = photosBySession(ledger.rows.values());
  const finished = [...ledger.rows.values()]
    .filter((row) => row.kind === 'session')
    .filter((row) => isRemovable(row) && (photos.get(row.id) ?? []).every(isRemovable))
    .sort((a, b) => oldestFirst(b, a));
  for (const session of finished.slice(newest)) {
    const age = now - Date.parse(session.ended_at ?? '');
    if (age < others && !storageIsLow) continue;
    await removeSession(ledger, session.id, photos.get(session.id) ?? []);
  }
}

/** Removes the photos of a session that are still removable, and the session itself if no photo is left. */
export async function removeSession<Bytes>(
  ledger: Ledger<Bytes>,
  session_id: string,
  photos: readonly PhotoRow[],
): Promise<void> {
  for (const { id } of photos)
    await ledger.change(id, (row) => {
      if (row?.kind !== 'photo' || !isRemovable(row)) return {};
      return { row: null, drop: [bytesKey(id, 'original'), bytesKey(id, 'preview')] };
    });
  // The session goes last, so that no photo is ever without its session. A photo may have been added meanwhile.
  const left = photosBySession(ledger.rows.values()).has(session_id);
  if (!left) await ledger.change(session_id, (row) => (isRemovableSession(row) ? { row: null } : {}));
}

function isRemovableSession(row: Row | undefined): boolean {
  return row?.kind === 'session' && isRemovable(row);
}

function isRemovable(row: SessionRow | PhotoRow): boolean {
  return isFinished(row) && row.stuck === null && (row.kind === 'session' || !row.original.held);
}
