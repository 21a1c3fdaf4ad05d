import type { AuditEntityType, EventId } from '@spinbay/contracts';
import { build, type OrgTx } from '../store/org-tx.ts';

export interface AuditFilter {
  readonly entity?: { readonly type: AuditEntityType; readonly id: string } | undefined;
  readonly type?: string | undefined;
  /** The last event of the previous page. */
  readonly before?: EventId | undefined;
}

/**
 * A page of the audit log, newest first. It is sorted by id: the server generates these ids, so they grow with time, unlike
 * those of reported events.
 */
export async function listAuditEvents(tx: OrgTx, { entity, type, before }: AuditFilter, limit: number) {
  let query = build
    .selectFrom('events')
    .select(['id', 'entity_type', 'entity_id', 'type', 'message', 'meta', 'actor_type', 'actor_id', 'created_at'])
    .where(tx.ofOrg('events'))
    .where((where) => where.not('reported'))
    .orderBy('id', 'desc')
    .limit(limit + 1);
  if (entity !== undefined) query = query.where('entity_type', '=', entity.type).where('entity_id', '=', entity.id);
  if (type !== undefined) query = query.where('type', '=', type);
  if (before !== undefined) query = query.where('id', '<', before);
  const found = await tx.run(query);
  const items = found.slice(0, limit);
  return { items, next: found.length > limit ? (items.at(-1)?.id ?? null) : null };
}
