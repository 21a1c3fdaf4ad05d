import { z } from 'zod';
import { admins, everyone } from './claims.ts';
import { ImageId, SessionId } from './ids.ts';
import { ImageStatus } from './images.ts';
import { Qc } from './qc.ts';
import { QcThresholds } from './qc-rules.ts';
import { defineRoute, queryInt } from './route.ts';
import { Timestamp } from './time.ts';

/** The most frames that the calibration page reads. */
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

/** A rejudgement: on request, the worker judges all frames again from their stored figures. */
const Rejudgement = z
  .object({
    total: z.int().meta({ description: 'frames that had a measurement when the rejudgement was requested' }),
    done: z.int().meta({ description: 'frames that were judged so far' }),
    changed: z.int().meta({ description: 'of these, frames whose verdict changed' }),
    started_at: Timestamp,
    finished_at: Timestamp.nullable().meta({ description: 'null: it is still running' }),
    failures: z.int().optional().meta({
      description: 'failures since a session was last judged. Each doubles the wait before the next attempt',
    }),
    gave_up: z.boolean().optional().meta({
      description: 'it ended after too many failures in a row, and some frames were not judged',
    }),
    left_out: z.int().optional().meta({
      description: 'frames of sessions that could not be judged after several attempts, and keep their verdicts',
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
          defaults: QcThresholds.meta({
            description: 'of the installation; they apply where the organization has no choice of its own',
          }),
        })
        .meta({ id: 'QcThresholdsReply' }),
    },
    errors: [],
  }),
  listQcFrames: defineRoute({
    method: 'GET',
    path: '/qc/frames',
    summary: 'The newest measured frames of your sites with their stored figures, for choosing thresholds',
    access: admins,
    query: z.object({ limit: queryInt(1, maxQcFrames).default(maxQcFrames) }),
    replies: { 200: z.object({ items: z.array(QcFrame) }).meta({ id: 'QcFrameList' }) },
    errors: [],
  }),
  getRejudgement: defineRoute({
    method: 'GET',
    path: '/organization/rejudgement',
    summary: 'The progress of the latest rejudgement of your organization; null if nobody has requested one',
    access: admins,
    replies: { 200: z.object({ rejudgement: Rejudgement.nullable() }).meta({ id: 'RejudgementReply' }) },
    errors: [],
  }),
  rejudgeFrames: defineRoute({
    method: 'POST',
    path: '/organization/rejudgement',
    summary:
      'Judge all frames of your organization again by its current thresholds, from their stored figures. Published frames stay published. A rejudgement that is still running starts again',
    access: admins,
    replies: { 202: z.object({ rejudgement: Rejudgement }).meta({ id: 'RejudgeFramesReply' }) },
    errors: [],
  }),
};
