import { z } from 'zod';
import { OrgId, SessionId, SiteId, UploadId } from './ids.ts';

export const ContentType = z.enum(['image/jpeg', 'image/heic']);
export type ContentType = z.output<typeof ContentType>;

const extensionOf = { 'image/jpeg': 'jpg', 'image/heic': 'heic' } as const satisfies Record<ContentType, string>;

/** Sizes of the square thumbnails in pixels. */
export const thumbSizes = [150, 600, 1200] as const;
export type ThumbSize = (typeof thumbSizes)[number];

/** The parts of an upload's storage key. */
export interface StorageKeyParts {
  readonly orgId: OrgId;
  readonly siteId: SiteId;
  readonly sessionId: SessionId;
  /** An original has the id of its image, a preview has a separate id. */
  readonly uploadId: UploadId;
}

/** `org/{org_id}/site/{site_id}/session/{session_id}/{upload_id}.{jpg|heic}` */
export function storageKey(parts: StorageKeyParts, contentType: ContentType): string {
  return `org/${parts.orgId}/site/${parts.siteId}/session/${parts.sessionId}/${parts.uploadId}.${extensionOf[contentType]}`;
}

/** `{upload_key}_thumb_{size}.jpg` */
export function thumbKey(uploadKey: string, size: ThumbSize): string {
  return `${uploadKey}_thumb_${size}.jpg`;
}

const uuid = '([0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12})';
const uploadPattern = new RegExp(`^org/${uuid}/site/${uuid}/session/${uuid}/${uuid}\\.(?:jpg|heic)$`);
const thumbPattern = new RegExp(`_thumb_(?:${thumbSizes.join('|')})\\.jpg$`);

const Parts = z.object({ orgId: OrgId, siteId: SiteId, sessionId: SessionId, uploadId: UploadId });

/**
 * Parses a storage key. Only holders of signed URLs can write to the bucket, so `storageKey` made every key of this
 * form. This is why the function may create an `OrgId`.
 * @returns `null` for a key of any other form.
 */
export function parseStorageKey(key: string): StorageKeyParts | null {
  const match = uploadPattern.exec(key);
  if (!match) return null;
  const [, orgId, siteId, sessionId, uploadId] = match;
  const parsed = Parts.safeParse({ orgId, siteId, sessionId, uploadId });
  return parsed.success ? parsed.data : null;
}

/** The key of the upload that an object belongs to: the object's own key, or for a thumbnail the key of its photo. */
export function uploadKeyOf(key: string): string {
  return key.replace(thumbPattern, '');
}

/** Whether a key is that of a thumbnail. Thumbnails are stored next to their uploads, so S3 sends events for them, too. */
export function isThumbKey(key: string): boolean {
  return thumbPattern.test(key);
}
