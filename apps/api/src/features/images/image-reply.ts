import type { Image } from '@spinbay/contracts';
import type { ImageRow } from '@spinbay/core';
import type { Objects, ReadTime } from '@spinbay/objects';

/** An image as the API shows it, its thumbnails with signed URLs. */
export async function imageReply(row: ImageRow, objects: Objects, now: Date): Promise<Image> {
  return {
    id: row.id,
    session_id: row.session_id,
    angle_deg: row.angle_deg,
    shot_name: row.shot_name,
    status: row.status,
    thumb_keys: row.thumb_keys,
    thumb_urls: row.thumb_keys && (await thumbUrls(row.thumb_keys, objects, { now, group: row.session_id })),
    qc: row.qc,
    qc_version: row.qc_version,
    failure: row.failure,
    exif: row.exif,
    width: row.width,
    height: row.height,
    size_bytes: row.size_bytes,
    hash_sha256: row.hash_sha256,
    storage_key: row.storage_key,
    superseded: row.superseded,
    slot:
      row.slot_position === null
        ? null
        : {
            position: row.slot_position,
            published_image_id: row.slot_published_image_id,
            replacement_waiting: row.replacement_waiting,
          },
    captured_at: row.captured_at?.toISOString() ?? null,
    created_at: row.created_at.toISOString(),
    uploaded_at: row.uploaded_at?.toISOString() ?? null,
    shown_upload: row.shown_upload,
    original_state: row.original_state,
    processed_at: row.processed_at?.toISOString() ?? null,
    published_at: row.published_at?.toISOString() ?? null,
    published_by: row.published_by && { id: row.published_by, name: row.publisher_name ?? '' },
    override: row.publish_override,
  };
}

async function thumbUrls(keys: Record<'150' | '600' | '1200', string>, objects: Objects, time: ReadTime) {
  const [small = '', medium = '', large = ''] = await objects.presignGets([keys[150], keys[600], keys[1200]], time);
  return { 150: small, 600: medium, 1200: large };
}
