import { ApiError } from '@spinbay/client';
import type { SessionId } from '@spinbay/contracts';
import { photosBySession } from '../core/plan.ts';
import { isFinished, isForeign } from '../core/rows.ts';
import type { OutboxPorts } from '../ports.ts';
import type { Ledger } from './ledger.ts';

/**
 * Records the end of sessions that somebody else ended, for example a reviewer. Otherwise they would stay unfinished on this
 * device, and would never be removed. Asks only about sessions in which this device has sent everything and has not worked
 * for `idleMs`.
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
    if (row.kind !== 'session' || row.status !== 'active' || row.server_status === null) continue;
    if (isForeign(row, auth.orgId())) continue;
    const own = photos.get(row.id) ?? [];
    const workedAt = Math.max(...[row.created_at, ...own.map((photo) => photo.captured_at ?? '')].map(timeOf));
    if (!own.every(isFinished) || clock.now() - workedAt < idleMs) continue;
    const session = await api
      .getSession({ params: { session_id: row.id as SessionId } }, { signal })
      .catch((error: unknown) => {
        // The device may have lost access to it, or it was erased.
        if (error instanceof ApiError) return null;
        throw error;
      });
    if (session === null || session.body.status === 'active') continue;
    const { status, completed_at, abandoned_at } = session.body;
    const at = completed_at ?? abandoned_at ?? new Date(clock.now()).toISOString();
    await ledger.changeSession(row.id, { type: 'ended_elsewhere', status, at });
  }
}

function timeOf(iso: string): number {
  return Date.parse(iso) || 0;
}
