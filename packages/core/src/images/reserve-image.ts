import {
  type ContentType,
  fail,
  type ImageId,
  type ImageStatus,
  type SessionId,
  type ShotList,
  type SiteId,
  type Slot,
  slotsOf,
  storageKey,
} from '@spinbay/contracts';
import { newId } from '../new-id.ts';
import { build, type OrgTx } from '../store/org-tx.ts';

export interface WantedImage {
  readonly sessionId: SessionId;
  readonly imageId?: ImageId | undefined;
  readonly slot: Slot;
  readonly contentType: ContentType;
  /** Lower case hex. */
  readonly sha256: string;
  readonly capturedAt?: Date | undefined;
  readonly uploadExpiresAt: Date;
}

export interface ReservedImage {
  readonly id: ImageId;
  readonly siteId: SiteId;
  readonly slot: Slot;
  readonly status: ImageStatus;
  readonly storageKey: string;
}

/**
 * Reserves the row of a frame before its bytes are sent, so that a lost upload can be seen.
 *
 * The same `imageId` is the same frame however often it is asked for, and so are the same bytes within a session. A frame
 * that is known already may be asked for in any state of its session: what was shot before "done" must still arrive.
 */
export async function reserveImage(tx: OrgTx, wanted: WantedImage) {
  const session = await tx.first(
    build
      .selectFrom('sessions')
      .select(['site_id', 'vehicle_id', 'status', 'shot_list'])
      .where(tx.ofOrg('sessions'))
      .where(tx.ofVisibleSite('sessions.site_id'))
      .where('id', '=', wanted.sessionId),
  );
  if (session === undefined) return fail('session_not_found');
  const known = await findReserved(tx, wanted);
  if (known !== undefined) return renew(tx, wanted, known);
  if (session.status !== 'active') return fail('session_not_active', `It is ${session.status}.`);
  const slot = slotIn(session.shot_list, wanted.slot);
  if (slot === null) return fail('slot_not_in_shot_list');

  const id = wanted.imageId ?? newId<ImageId>();
  const key = storageKey(
    { orgId: tx.orgId, siteId: session.site_id, sessionId: wanted.sessionId, imageId: id },
    wanted.contentType,
  );
  const inserted = await tx.first(
    build
      .insertInto('images')
      .values({
        org_id: tx.orgId,
        id,
        site_id: session.site_id,
        session_id: wanted.sessionId,
        vehicle_id: session.vehicle_id,
        ...slot,
        status: 'pending',
        storage_key: key,
        content_type: wanted.contentType,
        hash_sha256: wanted.sha256,
        captured_at: wanted.capturedAt ?? null,
        upload_expires_at: wanted.uploadExpiresAt,
      })
      .onConflict((conflict) => conflict.doNothing())
      .returning('id'),
  );
  if (inserted !== undefined) {
    return { id, siteId: session.site_id, slot, status: 'pending', storageKey: key } satisfies ReservedImage;
  }
  // Another request was faster, with this id or with these bytes; its row is visible by now.
  const winner = await findReserved(tx, wanted);
  return winner === undefined ? fail('image_conflict') : renew(tx, wanted, winner);
}

function findReserved(tx: OrgTx, wanted: WantedImage) {
  return tx
    .run(
      build
        .selectFrom('images')
        .select([
          'id',
          'site_id',
          'session_id',
          'angle_deg',
          'shot_name',
          'status',
          'storage_key',
          'hash_sha256',
          'content_type',
        ])
        .where(tx.ofOrg('images'))
        .where((where) =>
          where.or([
            where('id', '=', wanted.imageId ?? null),
            where.and([where('session_id', '=', wanted.sessionId), where('hash_sha256', '=', wanted.sha256)]),
          ]),
        ),
    )
    .then((rows) => rows.find((row) => row.id === wanted.imageId) ?? rows[0]);
}

type Known = NonNullable<Awaited<ReturnType<typeof findReserved>>>;

async function renew(tx: OrgTx, wanted: WantedImage, known: Known) {
  const same = known.session_id === wanted.sessionId && known.hash_sha256 === wanted.sha256;
  if (!same) return fail('image_conflict');
  if (known.content_type !== wanted.contentType)
    return fail('image_conflict', `It was announced as ${known.content_type}.`);
  let { status } = known;
  if (status === 'pending' || status === 'expired') {
    status = 'pending';
    await tx.run(
      build
        .updateTable('images')
        .set({ status, upload_expires_at: wanted.uploadExpiresAt })
        .where(tx.ofOrg('images'))
        .where('id', '=', known.id)
        .where('status', 'in', ['pending', 'expired']),
    );
  }
  const slot = { angle_deg: known.angle_deg, shot_name: known.shot_name };
  return { id: known.id, siteId: known.site_id, slot, status, storageKey: known.storage_key } satisfies ReservedImage;
}

/** The slot of the list that is meant; a frame without angle and shot name belongs to no slot and is taken as well. */
function slotIn(list: ShotList, wanted: Slot): Slot | null {
  if (wanted.angle_deg === null && wanted.shot_name === null) return wanted;
  // 360 / n is not always a short decimal fraction.
  const near = (a: number | null, b: number | null) => a !== null && b !== null && Math.abs(a - b) < 0.001;
  const same = (slot: Slot) =>
    wanted.shot_name === null ? near(slot.angle_deg, wanted.angle_deg) : slot.shot_name === wanted.shot_name;
  return slotsOf(list).find(same) ?? null;
}
