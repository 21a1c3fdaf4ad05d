import { z } from 'zod';
import { everyone } from './claims.ts';
import { EventId } from './ids.ts';
import { defineRoute } from './route.ts';
import { lineOfText } from './text.ts';
import { Timestamp } from './time.ts';

/** What an event is about. */
export const EntityType = z.enum(['device', 'user', 'vehicle', 'session', 'image']).meta({ id: 'EntityType' });
export type EntityType = z.output<typeof EntityType>;

/** Events of one request at most. */
export const maxEvents = 500;
/** Characters of an event's `meta` as JSON: telemetry is facts, not files. */
const maxMetaLength = 8_000;

const NewEvent = z
  .object({
    id: EventId.optional().meta({ description: 'client-made: an event that is sent twice is kept once' }),
    entity_type: EntityType,
    entity_id: z.uuid().toLowerCase(),
    type: z
      .string()
      .max(100)
      .regex(/^[a-z0-9_]+(\.[a-z0-9_]+)*$/, 'lower case words joined by "." or "_", e.g. upload.failed'),
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

export const eventRoutes = {
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
