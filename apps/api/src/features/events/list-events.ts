import { AuditEntityType, type Routes } from '@spinbay/contracts';
import { listAuditEvents } from '@spinbay/core';
import type { Handler } from '../../bind/handler.ts';

export const listEvents: Handler<Routes['listEvents']> = async ({ query, org }) => {
  const { entity_type, entity_id, type, cursor, limit } = query;
  const entity =
    entity_type === undefined || entity_id === undefined ? undefined : { type: entity_type, id: entity_id };
  const { items, next } = await org.read((tx) => listAuditEvents(tx, { entity, type, before: cursor }, limit));
  return {
    status: 200,
    body: {
      items: items.map((event) => ({
        id: event.id,
        entity_type: AuditEntityType.parse(event.entity_type),
        entity_id: event.entity_id,
        type: event.type,
        message: event.message,
        meta: event.meta,
        actor: { type: event.actor_type, id: event.actor_id },
        created_at: event.created_at.toISOString(),
      })),
      next,
    },
  };
};
