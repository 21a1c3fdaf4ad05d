import { ApiError } from '@spinbay/client';
import type { SessionId } from '@spinbay/contracts';
import { photosBySession } from '../core/plan.ts';
import { isFinished, isForeign, type PhotoRow, type SessionRow } from '../core/rows.ts';
import type { OutboxPorts } from '../ports.ts';
import type { Ledger } from './ledger.ts';
import { removeSession } from './prune-sessions.ts';

/**
 * Asks the server about sessions in which this device has sent everything. Records the end of those that somebody else
 * ended, for example a reviewer: otherwise they would stay unfinished here. Removes those that the server no longer shows to
 * this device, because they were erased or access to them was lost. Ignores a session that is open here and got a photo in
 * the last `idleMs` milliseconds, because somebody may still work on it.
 * @throws if the server does not answer
 */
export async function followSessions<Bytes>(
  ledger: Ledger<Bytes>,
  { api, auth, clock }: Pick<OutboxPorts<Bytes>, 'api' | 'auth' | 'clock'>,
  idleMs: number,
  signal: AbortSignal,
): Promise<void> {
  const photos = photosBySession(ledger.rows.values());
  for (const row of [...ledger.rows.values()]) {
    if (row.kind !== 'session' || row.server_status === null || isForeign(row, auth.orgId())) continue;
    const own = photos.get(row.id) ?? [];
    if (!own.every(isFinished) || (!isFinished(row) && !isIdle(row, own, clock.now() - idleMs))) continue;
    const session = await api
      .getSession({ params: { session_id: row.id as SessionId } }, { signal })
      .catch((error: unknown) => {
        if (error instanceof ApiError) return error.code;
        throw error;
      });
    const now = new Date(clock.now()).toISOString();
    if (session === 'session_not_found') {
      // Ended first, so that another tab adds no photo to it before it is removed.
      await ledger.changeSession(row.id, { type: 'ended_elsewhere', status: 'abandoned', at: now });
      await removeSession(ledger, row.id, own);
    } else if (typeof session === 'object' && session.body.status !== 'active') {
      const { status, completed_at, abandoned_at } = session.body;
      await ledger.changeSession(row.id, { type: 'ended_elsewhere', status, at: completed_at ?? abandoned_at ?? now });
    }
  }
}

function isIdle({ status, created_at }: SessionRow, photos: readonly PhotoRow[], since: number): boolean {
  const times = [created_at, ...photos.map((photo) => photo.captured_at ?? '')].map(timeOf);
  return status === 'active' && Math.max(...times) <= since;
}

function timeOf(iso: string): number {
  return Date.parse(iso) || 0;
}
