import { z } from 'zod';
import { admins, everyone } from './claims.ts';
import { EventId } from './ids.ts';
import { defineRoute, page } from './route.ts';
import { lineOfText } from './text.ts';
import { Timestamp } from './time.ts';

/** What an event is about. */
export const EntityType = z.enum(['device', 'user', 'vehicle', 'session', 'image']).meta({ id: 'EntityType' });
export type EntityType = z.output<typeof EntityType>;

/** What a line of the audit log is about: also what only the server changes. */
export const AuditEntityType = z
  .enum([...EntityType.options, 'organization', 'site', 'enrolment_code'])
  .meta({ id: 'AuditEntityType' });
export type AuditEntityType = z.output<typeof AuditEntityType>;

/** Events of one request at most. */
export const maxEvents = 500;
/** Characters of an event's `meta` as JSON: telemetry is facts, not files. */
const maxMetaLength = 8_000;

const EventType = z
  .string()
  .max(100)
  .regex(/^[a-z0-9_]+(\.[a-z0-9_]+)*$/, 'lower case words joined by "." or "_", e.g. upload.failed');

const NewEvent = z
  .object({
    id: EventId.optional().meta({ description: 'client-made: an event that is sent twice is kept once' }),
    entity_type: EntityType,
    entity_id: z.uuid().toLowerCase(),
    type: EventType,
    message: lineOfText(2_000).optional(),
    meta: z
      .record(z.string().max(100), z.unknown())
      .refine(
        (meta) => (asJson(meta)?.length ?? Infinity) <= maxMetaLength,
        `has more than ${maxMetaLength} characters as JSON`,
      )
      .refine((meta) => isStorable(asJson(meta) ?? ''), 'has characters that no database takes')
      .optional(),
    occurred_at: Timestamp.optional().meta({
      description: 'by the clock of the device, which may be wrong; the time of arrival is kept beside it',
    }),
  })
  .meta({ id: 'NewEvent' });

/** Undefined for what is nested so deeply that it cannot be written: a megabyte of brackets must not be our error. */
function asJson(value: unknown): string | undefined {
  try {
    return JSON.stringify(value);
  } catch {
    return undefined;
  }
}

/** JSON.stringify escapes U+0000 and halves of surrogate pairs, which jsonb refuses; behind a backslash they are plain text. */
function isStorable(json: string): boolean {
  return !/(?<!\\)(?:\\\\)*\\u(?:0000|d[89a-f])/i.test(json);
}

const AuditEvent = z
  .object({
    id: EventId,
    entity_type: AuditEntityType,
    entity_id: z.string().nullable(),
    type: z.string(),
    message: z.string().nullable(),
    meta: z
      .record(z.string(), z.unknown())
      .nullable()
      .meta({ description: 'of a change: `{ role: { from, to } }` and the like' }),
    actor: z.object({ type: z.enum(['device', 'user', 'system']), id: z.string().nullable() }),
    created_at: Timestamp,
  })
  .meta({ id: 'AuditEvent' });

export const eventRoutes = {
  listEvents: defineRoute({
    method: 'GET',
    path: '/events',
    summary: 'The audit log: what the server saw, the newest first; what clients report is not in it',
    access: admins,
    query: z
      .object({
        entity_type: AuditEntityType.optional(),
        entity_id: z.uuid().toLowerCase().optional().meta({ description: 'together with entity_type' }),
        type: EventType.optional(),
        cursor: EventId.optional().meta({ description: '`next` of the page before' }),
        limit: page.limit,
      })
      .refine((query) => (query.entity_type === undefined) === (query.entity_id === undefined), {
        message: 'entity_type and entity_id go together',
        path: ['entity_id'],
      }),
    replies: {
      200: z
        .object({
          items: z.array(AuditEvent),
          next: EventId.nullable().meta({ description: 'the cursor of the next page; null on the last one' }),
        })
        .meta({ id: 'AuditEventList' }),
    },
    errors: [],
  }),
  createEvents: defineRoute({
    method: 'POST',
    path: '/events',
    summary: 'Report what happened, one event or a batch; all of them are taken, or none',
    access: everyone,
    rateLimit: { per: 'actor', max: 1000 },
    body: z.union([NewEvent, z.array(NewEvent).min(1).max(maxEvents)]).meta({ id: 'CreateEventsBody' }),
    replies: {
      201: z
        .object({
          accepted: z.int().meta({ description: 'events of this request that are kept now' }),
          known: z.int().meta({ description: 'of these, kept since an earlier request with the same ids' }),
        })
        .meta({ id: 'CreateEventsReply' }),
    },
    errors: [],
  }),
};
