import type { SessionId } from '@spinbay/contracts';
import { sql } from 'kysely';
import type { OrgTx } from '../store/org-tx.ts';

/**
 * Counts a change that galleries show although no row of `images` changes: the original of a frame with a preview was
 * announced, did not arrive in time, or arrived after all. A trigger counts the changes of rows.
 */
export async function bumpImagesVersion(tx: OrgTx, sessionId: SessionId): Promise<void> {
  await tx.run(sql`
    update sessions s set images_version = s.images_version + 1 where ${tx.ofOrg('s')} and s.id = ${sessionId}`);
}
