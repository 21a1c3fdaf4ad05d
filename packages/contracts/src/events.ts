import { z } from 'zod';
import { admins, everyone } from './claims.ts';
import { EventId } from './ids.ts';
import { defineRoute, page } from './route.ts';
import { lineOfText, linesOfText } from './text.ts';
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
/** Of an event's `meta`: telemetry is facts, not files. Characters as JSON, keys in all, and levels of nesting. */
const maxMeta = { length: 8_000, keys: 200, depth: 8 } as const;

/** Any printable text: clients name their events as they like. The server's own are like `image.published`. */
const EventType = lineOfText(100);

export const NewEvent = z
  .object({
    id: EventId.optional().meta({ description: 'client-made: an event that is sent twice is kept once' }),
    entity_type: EntityType,
    entity_id: z.uuid().toLowerCase(),
    type: EventType.meta({ description: 'printable text, e.g. upload.failed or UPLOAD_FAILED' }),
    message: linesOfText(2_000).optional(),
    meta: z
      .record(z.string().max(100), z.unknown())
      .superRefine((meta, context) => {
        const fault = metaFault(meta);
        if (fault !== null) context.addIssue({ code: 'custom', message: fault });
      })
      .optional(),
    occurred_at: Timestamp.optional().meta({
      description:
        'by the clock of the device; the time of arrival is kept beside it. A time before the year 2000 or more than a day ahead is replaced by the time of arrival, and kept in meta.reported_occurred_at',
    }),
  })
  .meta({ id: 'NewEvent' });

/** An event of a batch that cannot be kept: the others are. */
export interface MalformedEvent {
  readonly faults: { path: string; message: string }[];
}

/** Whatever an event is not. To clients it does not exist, so that they send events only. */
const Malformed = z
  .custom<never>(() => true)
  .transform(
    (value): MalformedEvent => ({
      faults: (NewEvent.safeParse(value).error?.issues ?? []).slice(0, 10).map(({ path, message }) => ({
        path: path.join('.'),
        message,
      })),
    }),
  );

function metaFault(meta: unknown): string | null {
  const within = (value: unknown, depth: number): number => {
    if (typeof value !== 'object' || value === null) return 0;
    if (depth > maxMeta.depth) return Number.POSITIVE_INFINITY;
    const inner = Object.values(value);
    return inner.reduce<number>((sum, one) => sum + within(one, depth + 1), Array.isArray(value) ? 0 : inner.length);
  };
  const keys = within(meta, 1);
  if (keys === Number.POSITIVE_INFINITY) return `is nested more than ${maxMeta.depth} levels deep`;
  if (keys > maxMeta.keys) return `has more than ${maxMeta.keys} keys`;
  const json = JSON.stringify(meta);
  if (json.length > maxMeta.length) return `has more than ${maxMeta.length} characters as JSON`;
  return isStorable(json) ? null : 'has characters that no database takes';
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
    summary: 'Report what happened, one event or a batch; a malformed event of a batch is refused alone',
    access: everyone,
    // Events, not requests.
    rateLimit: { per: 'actor', max: 1000, each: 'entries' },
    bodyLimit: 'events',
    body: z
      .union([
        NewEvent,
        z
          .array(z.union([NewEvent, Malformed]))
          .min(1)
          .max(maxEvents),
      ])
      .meta({ id: 'CreateEventsBody' }),
    replies: {
      201: z
        .object({
          accepted: z.int().meta({ description: 'events of this request that are kept now' }),
          known: z.int().meta({ description: 'of these, kept since an earlier request with the same ids' }),
          refused: z
            .array(
              z.object({
                index: z.int().meta({ description: 'in the batch, from 0' }),
                errors: z.array(z.object({ path: z.string(), message: z.string() })),
              }),
            )
            .optional()
            .meta({ description: 'malformed events of the batch: sent again they are refused again' }),
        })
        .meta({ id: 'CreateEventsReply' }),
    },
    errors: [],
  }),
};
