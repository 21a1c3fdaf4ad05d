import type { SavedShotList } from '@spinbay/contracts';
import type { ShotListRow } from '@spinbay/core';

export function shotListReply({ created_at, updated_at, ...list }: ShotListRow): SavedShotList {
  return { ...list, created_at: created_at.toISOString(), updated_at: updated_at.toISOString() };
}
