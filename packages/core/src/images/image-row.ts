import type { ImageId, OriginalState, SessionId, UploadKind } from '@spinbay/contracts';
import { type RawBuilder, type Selectable, sql } from 'kysely';
import type { Conditions } from '../store/org-tx.ts';
import type { ImagesTable } from '../store/schema.ts';

/** Listed explicitly, so that a new column changes no reply and no prepared statement. */
const columns = [
  'id',
  'site_id',
  'session_id',
  'vehicle_id',
  'slot_id',
  'angle_deg',
  'shot_name',
  'status',
  'storage_key',
  'hash_sha256',
  'phash',
  'size_bytes',
  'width',
  'height',
  'thumb_keys',
  'exif',
  'qc',
  'qc_version',
  'failure',
  'captured_at',
  'created_at',
  'processed_at',
  'published_at',
  'published_by',
  'publish_override',
] as const satisfies readonly (keyof ImagesTable)[];

/** An image with its place in its session. */
export type ImageRow = Pick<Selectable<ImagesTable>, (typeof columns)[number]> & {
  /** Its slot shows another frame. */
  superseded: boolean;
  /** When the upload that is shown arrived in the bucket. */
  uploaded_at: Date | null;
  /** Null: nothing is shown yet. */
  shown_upload: UploadKind | null;
  /** These two are null if the original was not announced. */
  original_state: OriginalState | null;
  original_key: string | null;
  /** Name of the person who published it. */
  publisher_name: string | null;
  /** Null for a frame without a slot. */
  slot_position: number | null;
  slot_published_image_id: ImageId | null;
  /** Its slot has a newer good frame than the published one. */
  replacement_waiting: boolean;
};

/** The select list for `imagesOfSession`. */
export const imageColumns = sql`${sql.join(columns.map((name) => sql.ref(`i.${name}`)))}, not ${isCurrent()} as superseded,
  shown.stored_at as uploaded_at,
  case when i.processed_at is not null then shown.kind end as shown_upload,
  case original.state when 'stored' then 'expected' else original.state end as original_state,
  original.storage_key as original_key, u.name as publisher_name, slot.position as slot_position,
  slot.published_image_id as slot_published_image_id,
  ${replacementWaits()} as replacement_waiting`;

/** Whether image `i` is the current frame of its slot. A frame without a slot is always current. */
export function isCurrent(): RawBuilder<boolean> {
  return sql<boolean>`(i.slot_id is null or slot.current_image_id is not distinct from i.id)`;
}

/** Whether a `slot` has a newer good frame than the published one. */
export function replacementWaits(): RawBuilder<boolean> {
  return sql<boolean>`coalesce(slot.published_image_id <> slot.current_image_id, false)`;
}

/**
 * The `from` and `where` clauses for a session's images `i`, with `slot`, the upload `shown`, the upload `original`, and the
 * publisher `u`.
 */
export function imagesOfSession(conditions: Conditions, sessionId: SessionId): RawBuilder<unknown> {
  return sql`
    from images i
    left join slots slot on ${conditions.ofOrg('slot')} and slot.id = i.slot_id
    left join uploads shown on ${conditions.ofOrg('shown')} and shown.storage_key = i.storage_key
    left join uploads original on ${conditions.ofOrg('original')} and original.id = i.id
    left join users u on ${conditions.ofOrg('u')} and u.id = i.published_by
    where ${conditions.ofOrg('i')} and i.session_id = ${sessionId} and ${conditions.ofVisibleImage('i')}`;
}
