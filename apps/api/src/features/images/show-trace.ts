import type { OrgId } from '@spinbay/contracts';
import type { ImageRow } from '@spinbay/core';
import { noTracing, type Tracing } from '@spinbay/runtime';
import { LRUCache } from 'lru-cache';

/** Records when a gallery of a person first shows a frame. */
export type ShowTrace = (orgId: OrgId, images: readonly ImageRow[]) => void;

/** If a frame is older than this when a gallery first shows it, nobody waited for it. */
const recentMs = 10 * 60_000;

/** Each API process remembers only the frames that it has shown itself, so several processes may record the same frame. */
export function createShowTrace(tracing: Pick<Tracing, 'photo'>): ShowTrace {
  if (tracing === noTracing) return () => {};
  const shown = new LRUCache<string, true>({ max: 10_000 });
  return (orgId, images) => {
    const now = new Date();
    for (const { id: imageId, session_id: sessionId, processed_at: visibleAt } of images) {
      if (visibleAt === null || now.getTime() - visibleAt.getTime() > recentMs) continue;
      const key = `${orgId}/${imageId}`;
      if (shown.has(key)) continue;
      shown.set(key, true);
      tracing.photo({ orgId, sessionId, imageId }).record('show', visibleAt, now);
    }
  };
}
