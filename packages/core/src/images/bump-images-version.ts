import type { SessionId } from '@spinbay/contracts';
import { sql } from 'kysely';
import type { OrgTx } from '../store/org-tx.ts';

/**
 * For a change that a gallery shows and that changes no row of images, which a trigger counts: the original of a frame whose
 * preview is shown was announced, or will not come.
 */
export async function bumpImagesVersion(tx: OrgTx, sessionId: SessionId): Promise<void> {
  await tx.run(sql`
    update sessions s set images_version = s.images_version + 1 where ${tx.ofOrg('s')} and s.id = ${sessionId}`);
}
