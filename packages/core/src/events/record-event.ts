import type { EventId } from '@spinbay/contracts';
import { sql } from 'kysely';
import { newId } from '../new-id.ts';
import { build, type OrgTx } from '../store/org-tx.ts';

export interface NewEvent {
  readonly entityType: 'device' | 'user' | 'session' | 'image';
  readonly entityId: string;
  /** What happened, e.g. `image.published`. */
  readonly type: string;
  readonly message?: string;
  readonly meta?: Record<string, unknown>;
  readonly actor: Actor;
}

/** Who did it. */
export type Actor = { readonly type: 'device' | 'user'; readonly id: string } | { readonly type: 'system' };

/** Adds a line to the audit log, in the transaction of what it tells. */
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
