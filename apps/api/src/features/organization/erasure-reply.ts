import type { Erasure } from '@spinbay/contracts';
import type { Erasure as Scheduled } from '@spinbay/core';
import type { Deps } from '../../bind/handler.ts';

/** The time until which data erased now can be restored. */
export function undoUntil({ eraseUndoMs }: Deps): Date {
  return new Date(Date.now() + eraseUndoMs);
}

export function erasureReply({ photos, eraseAfter }: Scheduled): Erasure {
  return { photos, erase_after: eraseAfter.toISOString() };
}
