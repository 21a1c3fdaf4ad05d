import type { Routes } from '@spinbay/contracts';
import { reportEvents } from '@spinbay/core';
import type { Handler } from '../../bind/handler.ts';

export const createEvents: Handler<Routes['createEvents']> = async ({ body, principal, org }) => {
  const events = (Array.isArray(body) ? body : [body]).map((event) => ({
    id: event.id,
    entityType: event.entity_type,
    entityId: event.entity_id,
    type: event.type,
    message: event.message,
    meta: event.meta,
    occurredAt: event.occurred_at === undefined ? undefined : new Date(event.occurred_at),
  }));
  const added = await org.transact((tx) => reportEvents(tx, events, principal));
  return { status: 201, body: { accepted: events.length, known: events.length - added } };
};
