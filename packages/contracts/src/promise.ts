import { z } from 'zod';
import { people } from './claims.ts';
import { SessionId, SiteId } from './ids.ts';
import { defineRoute, queryInt } from './route.ts';
import { Timestamp } from './time.ts';

/** Seconds from the last shutter of a session until its last frame is seen: what Spinbay promises, on 3G too. */
export const promisedSeconds = 60;

/** An IANA time zone. Names that begin with a letter: PostgreSQL reads "+01:00" the other way round. */
const TimeZone = z
  .string()
  .max(64)
  .refine(isTimeZone, 'a time zone by its IANA name, e.g. Europe/Berlin')
  .meta({ description: 'IANA name, e.g. Europe/Berlin: where a day begins', examples: ['Europe/Berlin'] });

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
  .meta({ description: 'seconds of the frame that came last: shot to bucket, bucket to worker, worker to seen' });

const PromiseDay = z
  .object({
    day: z.string().meta({ description: 'YYYY-MM-DD, in the time zone that was asked for' }),
    site_id: SiteId.nullable().meta({ description: 'null: all sites of that day together' }),
    site_name: z.string().nullable(),
    sessions: z.int(),
    kept: z.int().meta({ description: `sessions that were all seen within ${promisedSeconds} seconds` }),
    p50_s: z.number(),
    p95_s: z.number(),
    median_phases: Phases,
  })
  .meta({ id: 'PromiseDay' });

export const PromiseReport = z
  .object({
    promised_s: z.number(),
    days: z.array(PromiseDay).meta({ description: 'days with completed sessions, the newest first' }),
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
    summary: 'How long it took from the last shutter until everything was seen, per day and site',
    access: people,
    query: z.object({
      days: queryInt(1, 90).default(14).meta({ description: 'today and whole days before it' }),
      site_id: SiteId.optional(),
      tz: TimeZone.optional().meta({ description: 'whose days are told; default UTC' }),
      utc_offset_min: queryInt(-840, 840).optional().meta({
        deprecated: true,
        description:
          'minutes that local time is ahead of UTC; wrong where the clocks change, hence tz, which goes before it',
      }),
    }),
    replies: { 200: PromiseReport },
    errors: [],
  }),
};
