import type {
  ContentType,
  ImageId,
  ImageStatus,
  SessionId,
  SiteId,
  SlotId,
  UploadId,
  UploadKind,
} from '@spinbay/contracts';
import { sql } from 'kysely';
import { build, type OrgTx } from '../store/org-tx.ts';
import { isAwaited, type UploadState } from './upload-state.ts';

/** An upload with data of its image. */
export interface KnownUpload {
  readonly id: UploadId;
  readonly image_id: ImageId;
  readonly site_id: SiteId;
  readonly session_id: SessionId;
  readonly kind: UploadKind;
  readonly storage_key: string;
  readonly content_type: ContentType;
  readonly hash_sha256: string | null;
  readonly state: UploadState;
  /** Null: not announced. */
  readonly content_length: number | null;
  readonly angle_deg: number | null;
  readonly shot_name: string | null;
  /** Status of the image. */
  readonly status: ImageStatus;
}

/** All uploads of the images to which these frames may refer: by id in any session, by bytes in this session. */
export function knownUploads(
  tx: OrgTx,
  sessionId: SessionId,
  frames: readonly { imageId?: ImageId | undefined; sha256: string }[],
): Promise<KnownUpload[]> {
  // The text form of a PostgreSQL array. Ids and digests need no quotes.
  const ids = `{${frames.flatMap(({ imageId }) => imageId ?? []).join(',')}}`;
  const digests = `{${frames.map(({ sha256 }) => sha256).join(',')}}`;
  return tx.runPrepared(sql<KnownUpload>`
    select u.id, u.image_id, u.site_id, u.session_id, u.kind, u.storage_key, u.content_type, u.hash_sha256, u.state,
      u.content_length::float8 as content_length, i.angle_deg, i.shot_name, i.status
    from uploads u join images i on ${tx.ofOrg('i')} and i.id = u.image_id
    where ${tx.ofOrg('u')} and u.image_id in (
      select unnest(${ids}::uuid[])
      union
      select s.image_id from uploads s
      where ${tx.ofOrg('s')} and s.session_id = ${sessionId} and s.hash_sha256 = any(${digests}::text[])
    )
    order by u.image_id, u.kind`);
}

export async function addUploads(tx: OrgTx, uploads: readonly KnownUpload[], expiresAt: Date): Promise<void> {
  if (uploads.length === 0) return;
  await tx.runPrepared(
    build.insertInto('uploads').values(
      uploads.map((upload) => ({
        org_id: tx.orgId,
        id: upload.id,
        image_id: upload.image_id,
        session_id: upload.session_id,
        site_id: upload.site_id,
        device_id: tx.deviceId,
        kind: upload.kind,
        storage_key: upload.storage_key,
        content_type: upload.content_type,
        content_length: upload.content_length,
        hash_sha256: upload.hash_sha256,
        expires_at: expiresAt,
      })),
    ),
  );
}

/**
 * Records new upload URLs. Uploads without bytes are expected until the URLs expire, even if they had expired before.
 * Uploads that have arrived keep their state and device, because their URLs accept only the same bytes. Their time of expiry
 * changes, too, because an erasure must wait for their URLs. A time of expiry never becomes earlier: a request that waited
 * for its lock may have an earlier one than the request before it, whose URL stays valid.
 * @returns the slots of the frames that are expected again
 */
export async function renewUploads(
  tx: OrgTx,
  uploads: readonly KnownUpload[],
  expiresAt: Date,
): Promise<(SlotId | null)[]> {
  const awaited = uploads.filter(({ state }) => isAwaited(state));
  const arrived = uploads.filter(({ state }) => !isAwaited(state));
  if (arrived.length > 0) {
    await tx.run(
      build
        .updateTable('uploads')
        .set({ expires_at: latest(expiresAt) })
        .where(tx.ofOrg('uploads'))
        .where(
          'id',
          'in',
          arrived.map(({ id }) => id),
        ),
    );
  }
  if (awaited.length === 0) return [];
  await tx.run(sql`
    update uploads set state = 'expected', expires_at = ${latest(expiresAt)}, device_id = ${tx.deviceId},
      content_length = wanted.content_length
    from unnest(${awaited.map(({ id }) => id)}::uuid[], ${awaited.map((upload) => upload.content_length)}::bigint[])
      as wanted (id, content_length)
    where ${tx.ofOrg('uploads')} and uploads.id = wanted.id`);
  const revived = awaited.filter(({ status }) => status === 'expired').map(({ image_id }) => image_id);
  if (revived.length === 0) return [];
  const images = await tx.run(
    build
      .updateTable('images')
      .set({ status: 'pending' })
      .where(tx.ofOrg('images'))
      .where('id', 'in', revived)
      .returning('slot_id'),
  );
  return images.map((image) => image.slot_id);
}

function latest(expiresAt: Date) {
  return sql<Date>`greatest(uploads.expires_at, ${expiresAt}::timestamptz)`;
}
