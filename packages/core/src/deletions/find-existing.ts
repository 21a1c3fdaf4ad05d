import type { SessionId } from '@spinbay/contracts';
import { sql } from 'kysely';
import type { OrgTx } from '../store/org-tx.ts';
import { showHidden } from './deletion.ts';

/** Finds which of these objects have a row and which of these sessions exist, including those that can be restored. */
export async function findExisting(
  tx: OrgTx,
  keys: readonly string[],
  sessionIds: readonly SessionId[],
): Promise<{ keys: Set<string>; sessions: Set<string> }> {
  await showHidden(tx, 'all');
  const [found, sessions] = await Promise.all([
    tx.run(sql<{ key: string }>`
      select u.storage_key as key from uploads u where ${tx.ofOrg('u')} and u.storage_key = any(${keys}::text[])
      union
      select r.storage_key from renditions r where ${tx.ofOrg('r')} and r.storage_key = any(${keys}::text[])`),
    tx.run(
      sql<{ id: string }>`select s.id from sessions s where ${tx.ofOrg('s')} and s.id = any(${sessionIds}::uuid[])`,
    ),
  ]);
  return { keys: new Set(found.map(({ key }) => key)), sessions: new Set(sessions.map(({ id }) => id)) };
}
