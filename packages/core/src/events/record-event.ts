import type { AuditEntityType, EventId } from '@spinbay/contracts';
import { sql } from 'kysely';
import { newId } from '../new-id.ts';
import { build, type OrgTx } from '../store/org-tx.ts';

export interface NewEvent {
  readonly entityType: AuditEntityType;
  readonly entityId: string;
  /** What happened, e.g. `image.published`. */
  readonly type: string;
  readonly message?: string;
  readonly meta?: Record<string, unknown>;
  readonly actor: Actor;
}

/** Who did it. */
export type Actor = { readonly type: 'device' | 'user'; readonly id: string } | { readonly type: 'system' };

/** Adds an event to the audit log, in the transaction of the action. */
export function recordEvent(tx: OrgTx, event: NewEvent): Promise<void> {
  return recordEvents(tx, [event]);
}

export async function recordEvents(tx: OrgTx, events: readonly NewEvent[]): Promise<void> {
  if (events.length === 0) return;
  await tx.run(
    build.insertInto('events').values(
      events.map((event) => ({
        org_id: tx.orgId,
        id: newId<EventId>(),
        entity_type: event.entityType,
        entity_id: event.entityId,
        type: event.type,
        message: event.message ?? null,
        meta: event.meta === undefined ? null : JSON.stringify(event.meta),
        actor_type: event.actor.type,
        actor_id: event.actor.type === 'system' ? null : event.actor.id,
        occurred_at: sql<Date>`now()`,
      })),
    ),
  );
}

/** A refusal has no message: its reason is in `meta`. */
type RefusalEvent = NewEvent & { readonly message?: never };

/** The maximum number of recorded refusals of one type about one entity per minute, so that they do not fill the disk. */
const refusalsPerMinute = 5;

/**
 * Adds a refusal to the audit log, unless the last minute already has `refusalsPerMinute` of the same kind. Does
 * nothing if the organization does not exist, because a refused caller may send any id.
 */
export async function recordRefusal(tx: OrgTx, event: RefusalEvent): Promise<void> {
  const { entityType, entityId, type, actor } = event;
  const meta = event.meta === undefined ? null : JSON.stringify(event.meta);
  await tx.run(sql`
    insert into events (org_id, id, entity_type, entity_id, type, meta, actor_type, actor_id)
    select o.id, ${newId<EventId>()}, ${entityType}, ${entityId}, ${type}, ${meta}::jsonb, ${actor.type},
      ${actor.type === 'system' ? null : actor.id}
    from organizations o
    where o.id = ${tx.orgId} and ${refusalsPerMinute} > (
      select count(*) from (
        select from events e
        where ${tx.ofOrg('e')} and e.entity_type = ${entityType} and e.entity_id = ${entityId}
          and e.type = ${type} and not e.reported and e.created_at > now() - interval '1 minute'
        limit ${refusalsPerMinute}
      ) recent
    )`);
}
