import type { Exif, ImageId, Qc, QcVersion, StorageKeyParts } from '@spinbay/contracts';
import { sql } from 'kysely';
import { recordEvent } from '../events/record-event.ts';
import { recordChange } from '../outbox/record-change.ts';
import { noteSeen } from '../promise/note-seen.ts';
import { type LockedSession, lockSession } from '../sessions/lock-session.ts';
import { findSlot } from '../slots/find-slot.ts';
import { settleSlots } from '../slots/settle-slots.ts';
import { build, type OrgTx } from '../store/org-tx.ts';

/** What the worker knows about an object once it is done with it. */
export type ImageOutcome =
  | {
      readonly kind: 'measured';
      readonly status: 'processed' | 'failed';
      readonly width: number;
      readonly height: number;
      readonly exif: Exif;
      readonly qc: Qc;
      readonly qcVersion: QcVersion;
      /** 64-bit perceptual hash, 16 hex digits. */
      readonly phash: string;
      readonly thumbKeys: Record<'150' | '600' | '1200', string>;
    }
  | { readonly kind: 'rejected'; readonly code: string; readonly message: string };

export interface ArrivedObject {
  readonly storageKey: string;
  readonly contentType: string;
  /** Lower case hex; null where the object was too large to be read. */
  readonly sha256: string | null;
  /** Not kept where it is 2 GiB or more: such an object is refused for its size. */
  readonly sizeBytes: number;
  /** From the object's tags, for an object that nobody announced. */
  readonly slot: { angle_deg: number | null; shot_name: string | null };
  /** When it arrived in the bucket, by the bucket's clock; null where that is not known. */
  readonly uploadedAt: Date | null;
  /** When the worker took it up. */
  readonly workStartedAt: Date;
}

export type Completion =
  /** `result`: the row's status, or the code of its failure. */
  | { kind: 'completed'; result: string }
  | { kind: 'already_done' }
  | { kind: 'same_bytes_as'; imageId: ImageId }
  /** The id belongs to an image whose object is another one. */
  | { kind: 'id_taken_by'; storageKey: string }
  | { kind: 'no_such_session' };

/** What is known of an object before the expensive part: nobody announced it, its row waits, or it is done. */
export async function imageProgress(tx: OrgTx, storageKey: string): Promise<'unannounced' | 'waiting' | 'done'> {
  const row = await tx.first(
    build.selectFrom('images').select('status').where(tx.ofOrg('images')).where('storage_key', '=', storageKey),
  );
  if (row === undefined) return 'unannounced';
  return row.status === 'pending' || row.status === 'expired' ? 'waiting' : 'done';
}

/**
 * Completes an image's row, in one transaction, exactly once: the row that the presign reserved, or a new one for an
 * object that arrived without. A second delivery of the same event finds it done.
 */
export async function completeImage(
  tx: OrgTx,
  parts: StorageKeyParts,
  object: ArrivedObject,
  outcome: ImageOutcome,
): Promise<Completion> {
  const session = await lockSession(tx, parts.sessionId);
  if (session === undefined || session.site_id !== parts.siteId) return { kind: 'no_such_session' };
  await createRowIfMissing(tx, session, parts, object);
  const row = await tx.first(
    build
      .selectFrom('images')
      .select(['status', 'hash_sha256', 'storage_key', 'slot_id'])
      .where(tx.ofOrg('images'))
      .where('id', '=', parts.imageId),
  );
  if (row === undefined) return sameBytes(tx, parts, object);
  if (row.storage_key !== object.storageKey) return { kind: 'id_taken_by', storageKey: row.storage_key };
  if (row.status !== 'pending' && row.status !== 'expired') return { kind: 'already_done' };

  const announced = row.hash_sha256;
  const judged = announced === null || object.sha256 === null || announced === object.sha256 ? outcome : hashMismatch;
  const duplicateOf =
    judged.kind === 'measured' && object.sha256 !== null
      ? await firstWithSameBytes(tx, parts.imageId, object.sha256)
      : undefined;
  await tx.run(
    build
      .updateTable('images')
      .set({
        size_bytes: object.sizeBytes <= maxInteger ? object.sizeBytes : null,
        processed_at: sql`now()`,
        uploaded_at: object.uploadedAt,
        work_started_at: object.workStartedAt,
        ...columnsOf(judged, duplicateOf),
      })
      .where(tx.ofOrg('images'))
      .where('id', '=', parts.imageId),
  );
  await noteSeen(tx, parts.sessionId, parts.imageId);
  const { imageId } = parts;
  const status = judged.kind === 'measured' ? judged.status : 'failed';
  await recordChange(tx, session, { type: `image.${status}`, imageId });
  await settleSlots(tx, session, [row.slot_id]);
  if (duplicateOf !== undefined) {
    await recordEvent(tx, {
      entityType: 'image',
      entityId: parts.imageId,
      type: 'image.duplicate',
      message: 'The same bytes are in this organization already.',
      meta: { duplicate_of: duplicateOf, hash_sha256: object.sha256 },
      actor: { type: 'system' },
    });
  }
  return { kind: 'completed', result: judged.kind === 'measured' ? judged.status : judged.code };
}

/** Of PostgreSQL's `integer`. */
const maxInteger = 2 ** 31 - 1;

const hashMismatch: ImageOutcome = {
  kind: 'rejected',
  code: 'hash_mismatch',
  message: 'The bytes that arrived are not those that were announced. Shoot the frame again.',
};

function columnsOf(outcome: ImageOutcome, duplicateOf: ImageId | undefined) {
  if (outcome.kind === 'rejected') {
    return { status: 'failed' as const, failure: JSON.stringify({ code: outcome.code, message: outcome.message }) };
  }
  const qc: Qc = duplicateOf === undefined ? outcome.qc : { ...outcome.qc, duplicate_of: duplicateOf };
  return {
    status: outcome.status,
    width: outcome.width,
    height: outcome.height,
    exif: JSON.stringify(outcome.exif),
    qc: JSON.stringify(qc),
    qc_version: outcome.qcVersion,
    phash: outcome.phash,
    thumb_keys: JSON.stringify(outcome.thumbKeys),
    failure: null,
  };
}

async function createRowIfMissing(
  tx: OrgTx,
  session: LockedSession,
  parts: StorageKeyParts,
  object: ArrivedObject,
): Promise<void> {
  await tx.run(
    build
      .insertInto('images')
      .values({
        org_id: tx.orgId,
        id: parts.imageId,
        site_id: session.site_id,
        session_id: parts.sessionId,
        vehicle_id: session.vehicle_id,
        ...(findSlot(session.shot_list, object.slot) ?? object.slot),
        status: 'pending',
        storage_key: object.storageKey,
        content_type: object.contentType,
        hash_sha256: object.sha256,
      })
      // Whatever is in the way, this id or these bytes in this session: the row that is there counts.
      .onConflict((conflict) => conflict.doNothing()),
  );
}

async function sameBytes(tx: OrgTx, parts: StorageKeyParts, object: ArrivedObject): Promise<Completion> {
  if (object.sha256 === null) throw new Error(`image ${parts.imageId} could neither be made nor found`);
  const twin = await tx.first(
    build
      .selectFrom('images')
      .select('id')
      .where(tx.ofOrg('images'))
      .where('session_id', '=', parts.sessionId)
      .where('hash_sha256', '=', object.sha256),
  );
  if (twin === undefined) throw new Error(`image ${parts.imageId} could neither be made nor found`);
  return { kind: 'same_bytes_as', imageId: twin.id };
}

async function firstWithSameBytes(tx: OrgTx, imageId: ImageId, sha256: string): Promise<ImageId | undefined> {
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
