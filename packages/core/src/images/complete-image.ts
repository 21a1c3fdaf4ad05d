import { type ImageId, judgeAgain, previewThresholds, type StorageKeyParts, thresholdsOf } from '@spinbay/contracts';
import { sql } from 'kysely';
import { recordEvent } from '../events/record-event.ts';
import { recordChange } from '../outbox/record-change.ts';
import { recordSeen } from '../promise/record-seen.ts';
import { readQcChoice } from '../quality/read-qc-choice.ts';
import { recordRenditions } from '../renditions/record-renditions.ts';
import { lockSession } from '../sessions/lock-session.ts';
import { settleSlots } from '../slots/settle-slots.ts';
import { build, type OrgTx } from '../store/org-tx.ts';
import { isFinal, workableState } from '../uploads/upload-state.ts';
import type { CompletedUpload, ImageOutcome, JudgedOutcome } from './image-outcome.ts';
import { frameOf, showUpload } from './show-upload.ts';

export type Completion =
  | {
      kind: 'completed';
      imageId: ImageId;
      /** The status after the verdict, or the code of the failure. */
      result: string;
      /** When the frame was reserved, if this upload made it visible. Null: it was visible before, or still is not. */
      shownFirst: { reservedAt: Date } | null;
    }
  | { kind: 'already_done' }
  /** A preview whose original was completed first. */
  | { kind: 'skipped' };

/**
 * Completes a stored upload and shows it in its frame, in one transaction and exactly once: a second delivery of the same
 * event changes nothing. A preview makes its frame visible with a provisional verdict. The original replaces both.
 */
export async function completeImage(tx: OrgTx, parts: StorageKeyParts, outcome: ImageOutcome): Promise<Completion> {
  const session = await lockSession(tx, parts.sessionId);
  if (session === undefined) throw new Error(`upload ${parts.uploadId} was never stored`);
  const upload = await storedUploadOf(tx, parts);
  if (isFinal(upload.state)) return { kind: 'already_done' };
  const frame = await frameOf(tx, upload.imageId);
  if (upload.kind === 'preview' && frame.original === 'processed') {
    await skipUpload(tx, parts);
    return { kind: 'skipped' };
  }
  const duplicateOf = outcome.kind === 'measured' ? await firstWithSameBytes(tx, upload) : undefined;
  await finish(tx, parts, outcome);
  if (outcome.kind === 'measured')
    await recordRenditions(tx, { imageId: upload.imageId, ...parts }, outcome.renditions);
  const judged = await judge(tx, upload, outcome);
  const verdict = await showUpload(tx, frame, upload, judged, duplicateOf);
  if (verdict !== null) {
    // The promise measures the first visible picture. An original that replaces its preview does not count.
    if (!frame.seen) await recordSeen(tx, parts);
    await recordChange(tx, session, { type: `image.${verdict}`, imageId: upload.imageId });
    await settleSlots(tx, session, [frame.slotId]);
    if (verdict === 'failed' && frame.status === 'published') {
      await recordEvent(tx, {
        entityType: 'image',
        entityId: upload.imageId,
        type: 'image.original_failed',
        message: 'It was published as a preview, and its original failed.',
        actor: { type: 'system' },
      });
    }
  }
  if (duplicateOf !== undefined) {
    await recordEvent(tx, {
      entityType: 'image',
      entityId: upload.imageId,
      type: 'image.duplicate',
      message: 'This organization already has the same bytes.',
      meta: { duplicate_of: duplicateOf, hash_sha256: upload.sha256 },
      actor: { type: 'system' },
    });
  }
  const result = judged.kind === 'measured' ? judged.status : judged.code;
  const shownFirst = verdict !== null && !frame.seen ? { reservedAt: frame.reservedAt } : null;
  return { kind: 'completed', imageId: upload.imageId, result, shownFirst };
}

/**
 * Judges with the current thresholds of the organization. The transaction holds the session's lock, so that a
 * rejudgement that starts at the same time misses no frame.
 */
async function judge(tx: OrgTx, { kind }: CompletedUpload, outcome: ImageOutcome): Promise<JudgedOutcome> {
  if (outcome.kind === 'rejected') return outcome;
  const thresholds = thresholdsOf(outcome.judgeBy, await readQcChoice(tx));
  const { qc, version, status } = judgeAgain(
    outcome.qc,
    kind === 'preview' ? previewThresholds(thresholds) : thresholds,
  );
  return { ...outcome, qc, qcVersion: version, status };
}

async function storedUploadOf(tx: OrgTx, parts: StorageKeyParts): Promise<CompletedUpload> {
  const [upload] = await tx.runPrepared(
    build
      .selectFrom('uploads')
      .select([
        'image_id as imageId',
        'kind',
        workableState.as('state'),
        'storage_key as storageKey',
        'hash_sha256 as sha256',
        'size_bytes',
      ])
      .where(tx.ofOrg('uploads'))
      .where('id', '=', parts.uploadId),
  );
  if (upload === undefined) throw new Error(`upload ${parts.uploadId} was never stored`);
  const { size_bytes: sizeBytes, ...rest } = upload;
  return { ...rest, sizeBytes: Number(sizeBytes) };
}

async function finish(tx: OrgTx, { uploadId }: StorageKeyParts, outcome: ImageOutcome): Promise<void> {
  const rejected = outcome.kind === 'rejected';
  await tx.run(
    build
      .updateTable('uploads')
      .set({
        state: rejected ? 'rejected' : 'processed',
        failure: rejected ? JSON.stringify({ code: outcome.code, message: outcome.message }) : null,
        processed_at: sql<Date>`now()`,
      })
      .where(tx.ofOrg('uploads'))
      .where('id', '=', uploadId),
  );
}

function skipUpload(tx: OrgTx, { uploadId }: StorageKeyParts) {
  return tx.run(
    build
      .updateTable('uploads')
      .set({ state: 'skipped', processed_at: sql<Date>`now()` })
      .where(tx.ofOrg('uploads'))
      .where('id', '=', uploadId),
  );
}

async function firstWithSameBytes(tx: OrgTx, { imageId, sha256 }: CompletedUpload): Promise<ImageId | undefined> {
  if (sha256 === null) return undefined;
  const row = await tx.first(
    build
      .selectFrom('images')
      .select('id')
      .where(tx.ofOrg('images'))
      .where('hash_sha256', '=', sha256)
      .where('id', '<>', imageId)
      .where('status', 'in', ['processed', 'failed', 'published'])
      .orderBy('created_at')
      .limit(1),
  );
  return row?.id;
}
