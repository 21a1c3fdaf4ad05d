import type { EntityType, EventId } from '@spinbay/contracts';
import { newId } from '../new-id.ts';
import { build, type OrgTx } from '../store/org-tx.ts';
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

/** Keeps what a client reports, each id once, however often it is sent. @returns how many were not known yet */
export async function reportEvents(tx: OrgTx, events: readonly ReportedEvent[], actor: Actor): Promise<number> {
  const kept = await tx.run(
    build
      .insertInto('events')
      .values(
        events.map((event) => ({
          org_id: tx.orgId,
          id: event.id ?? newId<EventId>(),
          entity_type: event.entityType,
          entity_id: event.entityId,
          type: event.type,
          message: event.message ?? null,
          meta: event.meta === undefined ? null : JSON.stringify(event.meta),
          actor_type: actor.type,
          actor_id: actor.type === 'system' ? null : actor.id,
          reported: true,
          occurred_at: event.occurredAt ?? new Date(),
        })),
      )
      .onConflict((conflict) => conflict.doNothing())
      .returning('id'),
  );
  return kept.length;
}
