import type { StorageKeyParts } from '@spinbay/contracts';
import { completeImage } from '../images/complete-image.ts';
import type { OrgTx } from '../store/org-tx.ts';
import { type StoredObject, storedUpload } from './stored-upload.ts';
import { notProcessed } from './upload-state.ts';

/**
 * Rejects an upload that arrived but that no worker could finish, with a reason for its frame. A later message about it, such
 * as one from the dead-letter queue, still causes another attempt.
 */
export async function giveUpUpload(tx: OrgTx, parts: StorageKeyParts, object: StoredObject): Promise<void> {
  const stored = await storedUpload(tx, parts, object);
  if (stored.kind === 'stored') await completeImage(tx, parts, { kind: 'rejected', ...notProcessed });
}
