import { z } from 'zod';
import { admins, everyone } from './claims.ts';
import { ImageId, SessionId } from './ids.ts';
import { ImageStatus } from './images.ts';
import { Qc } from './qc.ts';
import { QcThresholds } from './qc-rules.ts';
import { defineRoute, queryInt } from './route.ts';
import { Timestamp } from './time.ts';

/** Frames that the calibration looks at, at most. */
export const maxQcFrames = 500;

const QcFrame = z
  .object({
    image_id: ImageId,
    session_id: SessionId,
    angle_deg: z.number().nullable(),
    shot_name: z.string().nullable(),
    status: ImageStatus,
    thumb_url: z.string().nullable().meta({ description: 'signed, 150 pixels wide; null without a picture' }),
    qc: Qc,
    qc_version: z.int().nullable(),
    is_preview: z.boolean().meta({ description: 'only its preview has arrived: its size is not judged' }),
    processed_at: Timestamp,
  })
  .meta({ id: 'QcFrame' });
export type QcFrame = z.output<typeof QcFrame>;

/** Judging the stored figures of all frames again, as the worker does on request. */
const Rejudgement = z
  .object({
    total: z.int().meta({ description: 'frames with a measurement when it was asked for' }),
    done: z.int().meta({ description: 'frames that were looked at' }),
    changed: z.int().meta({ description: 'of these, frames whose verdict is another one now' }),
    started_at: Timestamp,
    finished_at: Timestamp.nullable().meta({ description: 'null: it is not finished' }),
    failures: z.int().optional().meta({
      description: 'failures since a session was last judged. Each doubles the wait before the next try',
    }),
    gave_up: z.boolean().optional().meta({
      description: 'it ended after too many failures, and some frames were not judged',
    }),
  })
  .meta({ id: 'Rejudgement' });
export type Rejudgement = z.output<typeof Rejudgement>;

export const qualityRoutes = {
  getQcThresholds: defineRoute({
    method: 'GET',
    path: '/qc/thresholds',
    summary: 'The thresholds that judge the frames of your organization, and those of the installation',
    access: everyone,
    replies: {
      200: z
        .object({
          thresholds: QcThresholds,
          defaults: QcThresholds.meta({ description: 'of the installation: where the organization chooses nothing' }),
        })
        .meta({ id: 'QcThresholdsReply' }),
    },
    errors: [],
  }),
  listQcFrames: defineRoute({
    method: 'GET',
    path: '/qc/frames',
    summary: 'The newest measured frames of your sites with their stored figures, to choose thresholds by',
    access: admins,
    query: z.object({ limit: queryInt(1, maxQcFrames).default(maxQcFrames) }),
    replies: { 200: z.object({ items: z.array(QcFrame) }).meta({ id: 'QcFrameList' }) },
    errors: [],
  }),
  getRejudgement: defineRoute({
    method: 'GET',
    path: '/organization/rejudgement',
    summary: 'How far judging the frames of your organization again has come; null where nobody asked for it',
    access: admins,
    replies: { 200: z.object({ rejudgement: Rejudgement.nullable() }).meta({ id: 'RejudgementReply' }) },
    errors: [],
  }),
  rejudgeFrames: defineRoute({
    method: 'POST',
    path: '/organization/rejudgement',
    summary:
      'Judge all frames of your organization again by its present choice, from their stored figures. A published frame stays published. One that is still going on starts again',
    access: admins,
    replies: { 202: z.object({ rejudgement: Rejudgement }).meta({ id: 'RejudgeFramesReply' }) },
    errors: [],
  }),
};
