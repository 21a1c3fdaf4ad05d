import type { Rejudgement } from '@spinbay/contracts';
import type { RejudgementRow } from '@spinbay/core';

export function rejudgementReply({ created_at, finished_at, ...counts }: RejudgementRow): Rejudgement {
  return { ...counts, started_at: created_at.toISOString(), finished_at: finished_at?.toISOString() ?? null };
}
