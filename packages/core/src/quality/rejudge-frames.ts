import {
  type ImageId,
  type ImageStatus,
  judgeAgain,
  previewThresholds,
  type Qc,
  type QcProfile,
  type QcThresholds,
  type QcVersion,
  type SessionId,
  type SlotId,
  thresholdsOf,
  verdictOf,
} from '@spinbay/contracts';
import { sql } from 'kysely';
import { recordEvent } from '../events/record-event.ts';
import { recordChanges } from '../outbox/record-change.ts';
import { lockSession } from '../sessions/lock-session.ts';
import { settleSlots } from '../slots/settle-slots.ts';
import type { OrgTx } from '../store/org-tx.ts';
import { isDue, isRejudged, nextSession, type RejudgementProgress, type RejudgementRow } from './rejudgement.ts';

interface OpenRejudgement extends RejudgementProgress {
  readonly profile: QcProfile | null;
  readonly edge_width_fail: number | null;
  readonly min_long_side: number | null;
}

interface JudgedFrame {
  readonly id: ImageId;
  readonly slot_id: SlotId | null;
  readonly status: ImageStatus;
  readonly qc: Qc;
  readonly qc_version: QcVersion | null;
  readonly publish_override: boolean;
  /** The original could not be read, so the frame fails even if its preview is good. */
  readonly is_broken: boolean;
  readonly is_preview: boolean;
}

/**
 * Judges the frames of the next session of an open rejudgement and stores the progress, in one transaction. Frames that
 * were measured after the request already have a verdict by the newest choice and are skipped.
 * @param installation the thresholds that apply where the organization has no choice of its own
 * @returns `idle` if nothing is left, the next attempt is not due, or another worker runs it
 */
export async function rejudgeNextSession(tx: OrgTx, installation: QcThresholds): Promise<'more' | 'idle'> {
  const job = await tx.first(sql<OpenRejudgement>`
    select j.profile, j.edge_width_fail, j.min_long_side, j.last_session_id, j.created_at from qc_rejudgements j
    where ${tx.ofOrg('j')} and ${isDue}
    for update skip locked`);
  if (job === undefined) return 'idle';
  const next = await nextSession(tx, job);
  if (next === undefined) {
    await finish(tx);
    return 'idle';
  }
  const { done, changed } = await rejudgeSession(tx, next.id, job, installation);
  await tx.run(sql`
    update qc_rejudgements j set last_session_id = ${next.id}, done = j.done + ${done}, changed = j.changed + ${changed},
      failures = 0, retry_at = null
    where ${tx.ofOrg('j')}`);
  return 'more';
}

async function rejudgeSession(tx: OrgTx, id: SessionId, job: OpenRejudgement, installation: QcThresholds) {
  const session = await lockSession(tx, id);
  // The session was erased in the meantime.
  if (session === undefined) return { done: 0, changed: 0 };
  const thresholds = thresholdsOf(installation, {
    qc_profile: job.profile,
    qc_edge_width_fail: job.edge_width_fail,
    qc_min_long_side: job.min_long_side,
  });
  const frames = await tx.run(sql<JudgedFrame>`
    select i.id, i.slot_id, i.status, i.qc, i.qc_version, i.publish_override, i.failure is not null as is_broken,
      coalesce(shown.kind = 'preview', false) as is_preview
    from images i left join uploads shown on ${tx.ofOrg('shown')} and shown.storage_key = i.storage_key
    where ${tx.ofOrg('i')} and i.session_id = ${id} and ${isRejudged(job)}`);
  const judged = frames.map((frame) => rejudge(frame, thresholds));
  const written = judged.filter(({ isWritten }) => isWritten);
  if (written.length > 0) {
    await tx.run(sql`
      update images i set qc = c.qc, qc_version = c.qc_version, status = c.status, publish_override = c.publish_override
      from jsonb_to_recordset(${JSON.stringify(written.map(({ row }) => row))}::jsonb)
        as c (id uuid, qc jsonb, qc_version integer, status text, publish_override boolean)
      where ${tx.ofOrg('i')} and i.id = c.id`);
  }
  const changed = judged.filter(({ isChanged }) => isChanged);
  if (changed.length > 0) {
    await recordChanges(
      tx,
      session,
      changed.map(({ row, failed }) => ({ type: failed ? 'image.failed' : 'image.processed', imageId: row.id })),
    );
    await settleSlots(
      tx,
      session,
      changed.map(({ slotId }) => slotId),
    );
  }
  return { done: frames.length, changed: changed.length };
}

/** A published frame stays published, and an expired one expired. */
function rejudge(frame: JudgedFrame, forOriginals: QcThresholds) {
  const thresholds = frame.is_preview ? previewThresholds(forOriginals) : forOriginals;
  const { qc, version, status } = judgeAgain(frame.qc, thresholds);
  const failed = status === 'failed' || frame.is_broken;
  const isOpen = frame.status === 'processed' || frame.status === 'failed';
  const row = {
    id: frame.id,
    qc,
    qc_version: version,
    status: isOpen ? (failed ? ('failed' as const) : ('processed' as const)) : frame.status,
    publish_override: frame.status === 'published' ? failed : frame.publish_override,
  };
  const isChanged = verdictOf(frame) !== verdictOf(row) || frame.status !== row.status;
  const isWritten = isChanged || version !== frame.qc_version || JSON.stringify(qc) !== JSON.stringify(frame.qc);
  return { row, failed, slotId: frame.slot_id, isChanged, isWritten };
}

async function finish(tx: OrgTx): Promise<void> {
  const counted = await tx.first(sql<Pick<RejudgementRow, 'done' | 'changed' | 'left_out'>>`
    update qc_rejudgements j set finished_at = now() where ${tx.ofOrg('j')} returning j.done, j.changed, j.left_out`);
  if (counted === undefined) return;
  await recordEvent(tx, {
    entityType: 'organization',
    entityId: tx.orgId,
    type: 'organization.frames_rejudged',
    meta: { frames: counted.done, changed: counted.changed, left_out: counted.left_out },
    actor: { type: 'system' },
  });
}
