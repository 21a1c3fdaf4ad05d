import {
  type CapturedBy,
  type ContentType,
  type Failure,
  fail,
  type ImageId,
  type ImageStatus,
  isFailure,
  type SessionId,
  type SiteId,
  type Slot,
  type SlotId,
  storageKey,
} from '@spinbay/contracts';
import { sql } from 'kysely';
import { newId } from '../new-id.ts';
import { type LockedSession, lockSession } from '../sessions/lock-session.ts';
import { findSlot } from '../slots/find-slot.ts';
import { settleSlots } from '../slots/settle-slots.ts';
import { build, type OrgTx } from '../store/org-tx.ts';
import type { OrgStore } from '../store/store.ts';

export interface WantedFrame {
  readonly imageId?: ImageId | undefined;
  readonly slot: Slot;
  readonly contentType: ContentType;
  /** Lower case hex. */
  readonly sha256: string;
  readonly capturedAt?: Date | undefined;
  /** A camera unless said otherwise. */
  readonly capturedBy?: CapturedBy | undefined;
}

export interface ReservedImage {
  readonly id: ImageId;
  readonly siteId: SiteId;
  readonly slot: Slot;
  readonly status: ImageStatus;
  readonly storageKey: string;
}

type Refusal = Failure<'session_not_active' | 'slot_not_in_shot_list' | 'image_conflict'>;

/**
 * Reserves the rows of frames before their bytes are sent, so that a lost upload can be seen. Each frame is reserved or
 * refused on its own; the outcomes come in the order of the frames.
 *
 * The same `imageId` is the same frame however often it is asked for, and so are the same bytes within a session. A frame
 * that is known already may be asked for in any state of its session: what was shot before "done" must still arrive.
 */
export function reserveImages(
  store: OrgStore,
  sessionId: SessionId,
  frames: readonly WantedFrame[],
  uploadExpiresAt: Date,
): Promise<(ReservedImage | Refusal)[] | Failure<'session_not_found'>> {
  return store.transact(async (tx) => {
    const [session, known] = await Promise.all([
      lockSession(tx, sessionId),
      tx.runPrepared(reservedRows(tx, sessionId, frames)),
    ]);
    if (session === undefined) return fail('session_not_found');
    return reserveIn(tx, session, known, frames, uploadExpiresAt);
  });
}

async function reserveIn(
  tx: OrgTx,
  session: LockedSession,
  known: readonly Row[],
  frames: readonly WantedFrame[],
  uploadExpiresAt: Date,
): Promise<(ReservedImage | Refusal)[]> {
  const { id: sessionId } = session;
  const fresh = new Map<Row, WantedFrame>();
  const chosen = frames.map((frame) => {
    const found = findIn([...known, ...fresh.keys()], sessionId, frame);
    if (found !== undefined) return confirm(sessionId, frame, found);
    const row = newRow(tx, session, frame);
    if (!isFailure(row)) fresh.set(row, frame);
    return row;
  });

  const inserted = new Map<ImageId, SlotId | null>();
  if (fresh.size > 0) {
    const rows = await tx.runPrepared(
      build
        .insertInto('images')
        .values(
          [...fresh].map(([row, frame]) => ({
            ...row,
            org_id: tx.orgId,
            vehicle_id: session.vehicle_id,
            captured_at: frame.capturedAt ?? null,
            captured_by: frame.capturedBy ?? 'camera',
            upload_expires_at: uploadExpiresAt,
          })),
        )
        .onConflict((conflict) => conflict.doNothing())
        .returning(['id', 'slot_id']),
    );
    for (const { id, slot_id } of rows) inserted.set(id, slot_id);
  }
  if (inserted.size < fresh.size) {
    // A request for another session was faster with such an id; its row is visible by now.
    const winners = await tx.runPrepared(reservedRows(tx, sessionId, frames));
    for (const [k, frame] of frames.entries()) {
      const row = chosen[k];
      if (row === undefined || isFailure(row) || !fresh.has(row) || inserted.has(row.id)) continue;
      const winner = findIn(winners, sessionId, frame);
      chosen[k] = winner === undefined ? fail('image_conflict') : confirm(sessionId, frame, winner);
    }
  }
  const awaited = chosen.flatMap((row) => (isFailure(row) || inserted.has(row.id) || !isAwaited(row) ? [] : row.id));
  const renewed = await renew(tx, awaited, uploadExpiresAt);
  await settleSlots(tx, session, [...inserted.values(), ...renewed]);
  return chosen.map((row) => (isFailure(row) ? row : reserved(row)));
}

export interface WantedImage extends WantedFrame {
  readonly sessionId: SessionId;
  readonly uploadExpiresAt: Date;
}

/** The same for one frame. */
export async function reserveImage(store: OrgStore, wanted: WantedImage) {
  const outcomes = await reserveImages(store, wanted.sessionId, [wanted], wanted.uploadExpiresAt);
  if (isFailure(outcomes)) return outcomes;
  const [outcome] = outcomes;
  if (outcome === undefined) throw new Error('a frame without an outcome');
  return outcome;
}

interface Row {
  readonly id: ImageId;
  readonly site_id: SiteId;
  readonly session_id: SessionId;
  readonly angle_deg: number | null;
  readonly shot_name: string | null;
  readonly status: ImageStatus;
  readonly storage_key: string;
  readonly hash_sha256: string | null;
  readonly content_type: string;
}

/** The rows that these frames may mean. */
function reservedRows(tx: OrgTx, sessionId: SessionId, frames: readonly WantedFrame[]) {
  const ids = frames.flatMap((frame) => frame.imageId ?? []);
  const digests = frames.map((frame) => frame.sha256);
  return sql<Row>`
    select id, site_id, session_id, angle_deg, shot_name, status, storage_key, hash_sha256, content_type
    from images
    where ${tx.ofOrg('images')} and ${tx.ofVisibleSite('images.site_id')} and (
      id = any(${ids}::uuid[]) or (session_id = ${sessionId} and hash_sha256 = any(${digests}::text[]))
    )`;
}

function findIn(rows: readonly Row[], sessionId: SessionId, frame: WantedFrame): Row | undefined {
  const byId = frame.imageId === undefined ? undefined : rows.find((row) => row.id === frame.imageId);
  return byId ?? rows.find((row) => row.session_id === sessionId && row.hash_sha256 === frame.sha256);
}

/** The row, if it is that of this photo. */
function confirm(sessionId: SessionId, frame: WantedFrame, row: Row): Row | Refusal {
  if (row.session_id !== sessionId || row.hash_sha256 !== frame.sha256) return fail('image_conflict');
  if (row.content_type !== frame.contentType) return fail('image_conflict', `It was announced as ${row.content_type}.`);
  return row;
}

function newRow(tx: OrgTx, session: LockedSession, frame: WantedFrame): Row | Refusal {
  if (session.status !== 'active') return fail('session_not_active', `It is ${session.status}.`);
  const outside = frame.slot.angle_deg === null && frame.slot.shot_name === null;
  const slot = outside ? frame.slot : findSlot(session.shot_list, frame.slot);
  if (slot === null) return fail('slot_not_in_shot_list');
  const id = frame.imageId ?? newId<ImageId>();
  const place = { orgId: tx.orgId, siteId: session.site_id, sessionId: session.id, imageId: id };
  return {
    id,
    site_id: session.site_id,
    session_id: session.id,
    ...slot,
    status: 'pending',
    storage_key: storageKey(place, frame.contentType),
    hash_sha256: frame.sha256,
    content_type: frame.contentType,
  };
}

/** Its bytes are still to come. */
function isAwaited(row: Row): boolean {
  return row.status === 'pending' || row.status === 'expired';
}

/** @returns the slots of those that were renewed */
async function renew(tx: OrgTx, ids: readonly ImageId[], uploadExpiresAt: Date): Promise<(SlotId | null)[]> {
  if (ids.length === 0) return [];
  const rows = await tx.run(
    build
      .updateTable('images')
      .set({ status: 'pending', upload_expires_at: uploadExpiresAt })
      .where(tx.ofOrg('images'))
      .where('id', 'in', ids)
      .where('status', 'in', ['pending', 'expired'])
      .returning('slot_id'),
  );
  return rows.map((row) => row.slot_id);
}

function reserved(row: Row): ReservedImage {
  return {
    id: row.id,
    siteId: row.site_id,
    slot: { angle_deg: row.angle_deg, shot_name: row.shot_name },
    status: isAwaited(row) ? 'pending' : row.status,
    storageKey: row.storage_key,
  };
}
