import { z } from 'zod';
import { people } from './claims.ts';
import { SessionId, SiteId } from './ids.ts';
import { defineRoute, queryInt } from './route.ts';
import { Timestamp } from './time.ts';

/**
 * Spinbay's promise: the maximum time in seconds from the last photo of a session until its last frame is visible,
 * even on 3G.
 */
export const promisedSeconds = 60;

/** An IANA time zone. It must begin with a letter, because PostgreSQL reads the sign of "+01:00" the other way round. */
const TimeZone = z
  .string()
  .max(64)
  .refine(isTimeZone, 'a time zone by its IANA name, e.g. Europe/Berlin')
  .meta({
    description: 'IANA name, e.g. Europe/Berlin: a day begins at midnight in this time zone',
    examples: ['Europe/Berlin'],
  });

function isTimeZone(name: string): boolean {
  if (!/^[A-Za-z]/.test(name)) return false;
  try {
    new Intl.DateTimeFormat('en', { timeZone: name });
    return true;
  } catch {
    return false;
  }
}

const Phases = z
  .object({ upload: z.number(), queue: z.number(), work: z.number() })
  .meta({ description: 'seconds of the last frame: shot to bucket, bucket to worker, worker to visible' });

const PromiseDay = z
  .object({
    day: z.string().meta({ description: 'YYYY-MM-DD, in the requested time zone' }),
    site_id: SiteId.nullable().meta({ description: 'null: all sites of that day' }),
    site_name: z.string().nullable(),
    sessions: z.int(),
    kept: z.int().meta({ description: `sessions that were completely visible within ${promisedSeconds} seconds` }),
    p50_s: z.number(),
    p95_s: z.number(),
    median_phases: Phases,
  })
  .meta({ id: 'PromiseDay' });

export const PromiseReport = z
  .object({
    promised_s: z.number(),
    days: z.array(PromiseDay).meta({ description: 'days with completed sessions, newest first' }),
    slowest: z.array(
      z.object({
        session_id: SessionId,
        site_name: z.string(),
        stock: z.string().nullable(),
        vin: z.string().nullable(),
        seen_at: Timestamp,
        seconds: z.number(),
        phases: Phases,
      }),
    ),
  })
  .meta({ id: 'PromiseReport' });
export type PromiseReport = z.output<typeof PromiseReport>;

export const promiseRoutes = {
  getPromise: defineRoute({
    method: 'GET',
    path: '/promise',
    summary: 'The time from the last photo until all frames were visible, per day and site',
    access: people,
    query: z.object({
      days: queryInt(1, 90).default(14).meta({ description: 'the number of days, today included' }),
      site_id: SiteId.optional(),
      tz: TimeZone.optional().meta({ description: 'the time zone of the days; default UTC' }),
      utc_offset_min: queryInt(-840, 840).optional().meta({
        deprecated: true,
        description:
          'minutes that local time is ahead of UTC; it ignores daylight saving time, and tz takes precedence',
      }),
    }),
    replies: { 200: PromiseReport },
    errors: [],
  }),
};
