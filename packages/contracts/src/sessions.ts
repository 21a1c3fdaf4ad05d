import { z } from 'zod';
import { admins, everyone } from './claims.ts';
import { Erasure, erasureQuery } from './erasure.ts';
import { ImageId, SessionId, SiteId, VehicleId } from './ids.ts';
import { defineRoute, page } from './route.ts';
import { SessionCursor } from './session-cursor.ts';
import { SessionMode, ShotList } from './shot-list.ts';
import { SpinQc } from './spin-qc.ts';
import { ReportedTime, Timestamp } from './time.ts';
import { StockNumber, Vehicle, VehicleInput } from './vehicles.ts';

export const SessionStatus = z.enum(['active', 'completed', 'abandoned']).meta({ id: 'SessionStatus' });
export type SessionStatus = z.output<typeof SessionStatus>;

/** Which way the turntable turns, seen from above. */
export const Turntable = z.enum(['clockwise', 'counterclockwise']).meta({ id: 'Turntable' });
export type Turntable = z.output<typeof Turntable>;

/** Which states follow on a state. Reopening a finished session is a step of its own that somebody asks for. */
export const sessionTransitions: Record<SessionStatus, readonly SessionStatus[]> = {
  active: ['completed', 'abandoned'],
  completed: ['active'],
  abandoned: ['active'],
};

/** What somebody types to find a vehicle, written as stock numbers and VINs are. */
const SearchText = StockNumber.refine((text) => text.length >= 2, 'at least 2 characters');

/** Counts of the session's current frames; one that was shot again counts once, with its newest good picture. */
export const FrameCounts = z
  .object({
    expected: z.int().meta({ description: 'slots in the shot list' }),
    pending: z.int(),
    processed: z.int(),
    failed: z.int(),
    published: z.int(),
    expired: z.int(),
    warned: z
      .int()
      .meta({ description: 'of the processed and published ones, those that were judged good enough with a warning' }),
    replacements_waiting: z
      .int()
      .optional()
      .meta({ description: 'slots that show a newer good frame than the one they have published' }),
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
    turntable: Turntable.optional().meta({ description: 'left out by older servers: clockwise' }),
    operator: z.object({ type: z.enum(['device', 'user']), id: z.string(), name: z.string() }),
    started_at: Timestamp,
    completed_at: Timestamp.nullable(),
    abandoned_at: Timestamp.nullable(),
    created_at: Timestamp,
    frames: FrameCounts,
    last_frame_at: Timestamp.nullable().meta({ description: 'when the newest frame was announced' }),
    cover: z
      .object({ image_id: ImageId, url: z.string() })
      .nullable()
      .meta({ description: 'the first frame that can be shown, as a 150 px thumbnail' }),
    spin_qc: SpinQc.nullable().meta({
      description:
        'the frames of a spin compared with each other; null until the session is completed, and without a spin',
    }),
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
        turntable: Turntable.default('clockwise'),
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
        completed_at: ReportedTime.optional(),
        abandoned_at: ReportedTime.optional(),
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
  eraseSession: defineRoute({
    method: 'DELETE',
    path: '/sessions/:session_id',
    summary: 'Erase a session with its photos: hidden at once, gone for good after the time in the reply',
    access: admins,
    params,
    query: erasureQuery,
    replies: { 202: Erasure },
    errors: ['session_not_found', 'erasure_unconfirmed'],
  }),
  restoreSession: defineRoute({
    method: 'POST',
    path: '/sessions/:session_id/restore',
    summary: 'Take back the erasure of a session, as long as there is time',
    access: admins,
    params,
    replies: { 200: Session },
    errors: ['session_not_found'],
  }),
  listSessions: defineRoute({
    method: 'GET',
    path: '/sessions',
    summary: 'Sessions of the sites that you may see: the active ones first, then the newest',
    access: everyone,
    query: z
      .object({
        site_id: SiteId.optional(),
        status: SessionStatus.optional(),
        mode: SessionMode.optional(),
        vehicle_id: VehicleId.optional(),
        q: SearchText.optional().meta({
          description: 'the start of a stock number, or start or end of a VIN; at least 2 characters',
        }),
        ...page,
        cursor: SessionCursor.optional().meta({
          description: '`next_cursor` of the page before: as quick on the last page as on the first one',
        }),
      })
      .refine((query) => query.cursor === undefined || query.offset === 0, {
        path: ['cursor'],
        message: 'goes without an offset',
      }),
    replies: {
      200: z
        .object({
          items: z.array(Session),
          total: z.int().optional().meta({ description: 'sessions on all pages; not told for a search by `q`' }),
          next_cursor: z.string().nullable().meta({ description: 'of the next page; null on the last one' }),
        })
        .meta({ id: 'SessionList' }),
    },
    errors: [],
  }),
};
