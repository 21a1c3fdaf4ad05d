import { z } from 'zod';
import { everyone } from './claims.ts';
import { ImageId, SessionId, SiteId, VehicleId } from './ids.ts';
import { defineRoute } from './route.ts';
import { SessionMode, ShotList } from './shot-list.ts';
import { lineOfText } from './text.ts';
import { Timestamp } from './time.ts';

export const SessionStatus = z.enum(['active', 'completed', 'abandoned']).meta({ id: 'SessionStatus' });
export type SessionStatus = z.output<typeof SessionStatus>;

/** Which states follow on a state. Reopening a finished session is a step of its own that somebody asks for. */
export const sessionTransitions: Record<SessionStatus, readonly SessionStatus[]> = {
  active: ['completed', 'abandoned'],
  completed: ['active'],
  abandoned: ['active'],
};

/** A stock number as dealers write it: compared without case and outer blanks. */
export const StockNumber = lineOfText(64).toUpperCase();

/** ISO 3779: 17 characters, no I, O or Q. */
export const Vin = z
  .string()
  .trim()
  .toUpperCase()
  .regex(/^[A-HJ-NPR-Z0-9]{17}$/, 'a VIN has 17 characters: digits and letters without I, O and Q');

const VehicleInput = z
  .object({ vin: Vin.optional(), stock: StockNumber.optional() })
  .refine((v) => v.vin !== undefined || v.stock !== undefined, 'a VIN or a stock number is needed');

export const Vehicle = z
  .object({ id: VehicleId, vin: z.string().nullable(), stock: z.string().nullable() })
  .meta({ id: 'Vehicle' });

/** Counts of the session's current frames; one that was shot again counts once, with its newest good picture. */
export const FrameCounts = z
  .object({
    expected: z.int().meta({ description: 'slots in the shot list' }),
    pending: z.int(),
    processed: z.int(),
    failed: z.int(),
    published: z.int(),
    expired: z.int(),
  })
  .meta({ id: 'FrameCounts' });

export const Session = z
  .object({
    id: SessionId,
    site_id: SiteId,
    site_name: z.string(),
    vehicle: Vehicle,
    mode: SessionMode,
    status: SessionStatus,
    shot_list: ShotList,
    operator: z.object({ type: z.enum(['device', 'user']), id: z.string(), name: z.string() }),
    started_at: Timestamp,
    completed_at: Timestamp.nullable(),
    abandoned_at: Timestamp.nullable(),
    created_at: Timestamp,
    frames: FrameCounts,
    cover: z
      .object({ image_id: ImageId, url: z.string() })
      .nullable()
      .meta({ description: 'the first frame that can be shown, as a 150 px thumbnail' }),
  })
  .meta({ id: 'Session' });
export type Session = z.output<typeof Session>;

const params = z.object({ session_id: SessionId });

export const sessionRoutes = {
  createSession: defineRoute({
    method: 'POST',
    path: '/sessions',
    summary: 'Start a capture session',
    access: everyone,
    body: z
      .object({
        id: SessionId.optional().meta({ description: 'client-made: a repeated request then makes one session' }),
        site_id: SiteId,
        vehicle: VehicleInput,
        mode: SessionMode,
        shot_list: ShotList.optional(),
      })
      .superRefine((body, context) => {
        if (body.shot_list === undefined) return;
        const named = { studio360: body.shot_list.studio360, stills: body.shot_list.stills };
        if (named[body.mode] === undefined) {
          context.addIssue({
            code: 'custom',
            path: ['shot_list'],
            message: `lacks "${body.mode}", the mode of this session`,
          });
        }
      })
      .meta({ id: 'CreateSessionBody' }),
    replies: { 200: Session, 201: Session },
    errors: ['site_not_found', 'vehicle_conflict', 'session_conflict'],
  }),
  updateSession: defineRoute({
    method: 'PATCH',
    path: '/sessions/:session_id',
    summary: 'Complete, abandon or reopen a session',
    access: everyone,
    params,
    body: z
      .object({
        status: SessionStatus,
        completed_at: Timestamp.optional(),
        abandoned_at: Timestamp.optional(),
      })
      .refine((b) => b.completed_at === undefined || b.status === 'completed', {
        path: ['completed_at'],
        message: 'goes with status "completed" only',
      })
      .refine((b) => b.abandoned_at === undefined || b.status === 'abandoned', {
        path: ['abandoned_at'],
        message: 'goes with status "abandoned" only',
      })
      .meta({ id: 'UpdateSessionBody' }),
    replies: { 200: Session },
    errors: ['session_not_found', 'session_state_conflict'],
  }),
  getSession: defineRoute({
    method: 'GET',
    path: '/sessions/:session_id',
    summary: 'One session with its vehicle',
    access: everyone,
    params,
    replies: { 200: Session },
    errors: ['session_not_found'],
  }),
  listSessions: defineRoute({
    method: 'GET',
    path: '/sessions',
    summary: 'Sessions of the sites that you may see: the active ones first, then the newest',
    access: everyone,
    query: z.object({
      site_id: SiteId.optional(),
      status: SessionStatus.optional(),
      vehicle_id: VehicleId.optional(),
      limit: z.coerce.number().int().min(1).max(200).default(50),
      offset: z.coerce.number().int().min(0).max(1_000_000).default(0),
    }),
    replies: { 200: z.object({ items: z.array(Session), total: z.int() }).meta({ id: 'SessionList' }) },
    errors: [],
  }),
};
