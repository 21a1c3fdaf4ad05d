import type { EntityType, EventId } from '@spinbay/contracts';
import { sql } from 'kysely';
import { newId } from '../new-id.ts';
import type { OrgTx } from '../store/org-tx.ts';
import type { Actor } from './record-event.ts';

export interface ReportedEvent {
  readonly id?: EventId | undefined;
  readonly entityType: EntityType;
  readonly entityId: string;
  readonly type: string;
  readonly message?: string | undefined;
  readonly meta?: Record<string, unknown> | undefined;
  /** By the client's clock. */
  readonly occurredAt?: Date | undefined;
}

/** Stores the events of a client, each id once, even if it is sent repeatedly. @returns the number of new events */
export async function reportEvents(tx: OrgTx, events: readonly ReportedEvent[], actor: Actor): Promise<number> {
  const lines = events.map((event) => ({
    id: event.id ?? newId<EventId>(),
    entity_type: event.entityType,
    entity_id: event.entityId,
    type: event.type,
    message: event.message ?? null,
    meta: event.meta ?? null,
    occurred_at: event.occurredAt ?? new Date(),
  }));
  // One parameter instead of eleven per event: a batch of 100 is parsed and planned like a batch of one.
  const kept = await tx.runPrepared(
    sql<{ id: EventId }>`
      insert into events (org_id, id, entity_type, entity_id, type, message, meta, actor_type, actor_id, reported, occurred_at)
      select ${tx.orgId}::uuid, id, entity_type, entity_id, type, message, meta, ${actor.type},
        ${actor.type === 'system' ? null : actor.id}::uuid, true, occurred_at
      from jsonb_to_recordset(${JSON.stringify(lines)}::jsonb) as line(
        id uuid, entity_type text, entity_id uuid, type text, message text, meta jsonb, occurred_at timestamptz)
      on conflict do nothing
      returning id`,
  );
  return kept.length;
}
