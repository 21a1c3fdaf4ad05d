import type { SessionId } from '@spinbay/contracts';
import { sql } from 'kysely';
import type { OrgTx } from '../store/org-tx.ts';

/**
 * Records that the calling device works in a session. The device can then read the session and its own frames in it, even
 * after the session is finished. The creator of a session needs no such record.
 */
export async function joinSession(tx: OrgTx, sessionId: SessionId): Promise<void> {
  if (tx.deviceId === null) return;
  await tx.runPrepared(sql`
    insert into session_devices (org_id, session_id, device_id)
    select s.org_id, s.id, ${tx.deviceId} from sessions s
    where ${tx.ofOrg('s')} and s.id = ${sessionId} and s.device_id is distinct from ${tx.deviceId}
    on conflict do nothing`);
}
