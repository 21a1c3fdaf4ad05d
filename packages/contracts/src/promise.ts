import { z } from 'zod';
import { people } from './claims.ts';
import { SessionId, SiteId } from './ids.ts';
import { defineRoute } from './route.ts';
import { Timestamp } from './time.ts';

/** Seconds from the last shutter of a session until its last frame is seen: what Spinbay promises, on 3G too. */
export const promisedSeconds = 60;

const Phases = z
  .object({ upload: z.number(), queue: z.number(), work: z.number() })
  .meta({ description: 'seconds of the frame that came last: shot to bucket, bucket to worker, worker to seen' });

const PromiseDay = z
  .object({
    day: z.string().meta({ description: 'YYYY-MM-DD, by the offset that was asked for' }),
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
      days: z.coerce.number().int().min(1).max(90).default(14),
      site_id: SiteId.optional(),
      utc_offset_min: z.coerce.number().int().min(-840).max(840).default(0).meta({
        description: 'minutes that local time is ahead of UTC: where a day begins',
      }),
    }),
    replies: { 200: PromiseReport },
    errors: [],
  }),
};
