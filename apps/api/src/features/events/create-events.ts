import { isPlausibleTime, type NewEvent, type Routes } from '@spinbay/contracts';
import { reportEvents } from '@spinbay/core';
import type { z } from 'zod';
import type { Handler } from '../../bind/handler.ts';

export const createEvents: Handler<Routes['createEvents']> = async ({ body, principal, org }) => {
  const batch = Array.isArray(body) ? body : [body];
  const events = batch.flatMap((event) => ('faults' in event ? [] : [reported(event)]));
  const refused = batch.flatMap((event, index) => ('faults' in event ? [{ index, errors: event.faults }] : []));
  const added = events.length === 0 ? 0 : await org.transact((tx) => reportEvents(tx, events, principal));
  return { status: 201, body: { accepted: events.length, known: events.length - added, refused } };
};

/** Events from a phone with a wrong clock are stored with the time of arrival. */
function reported(event: z.output<typeof NewEvent>) {
  const { occurred_at: text, meta } = event;
  const occurredAt = text === undefined ? undefined : new Date(text);
  const isWrong = occurredAt !== undefined && !isPlausibleTime(occurredAt);
  return {
    id: event.id,
    entityType: event.entity_type,
    entityId: event.entity_id,
    type: event.type,
    message: event.message,
    meta: isWrong ? { ...meta, reported_occurred_at: text } : meta,
    occurredAt: isWrong ? undefined : occurredAt,
  };
}
