import type { ImageId, ThumbSize, UploadId } from '@spinbay/contracts';
import { sql } from 'kysely';
import { build, type OrgTx } from '../store/org-tx.ts';

/** A picture in the bucket that was derived from an upload. */
export interface NewRendition {
  readonly kind: 'thumbnail';
  /** The requested width. A small photo gives a smaller picture. */
  readonly width: ThumbSize;
  readonly format: 'jpeg';
  readonly storageKey: string;
  readonly sizeBytes: number;
}

/** Adds renditions of an upload, each as the next version of its kind, width and format. */
export async function recordRenditions(
  tx: OrgTx,
  source: { readonly imageId: ImageId; readonly uploadId: UploadId },
  renditions: readonly NewRendition[],
): Promise<void> {
  if (renditions.length === 0) return;
  await tx.run(
    build.insertInto('renditions').values(
      renditions.map(({ kind, width, format, storageKey, sizeBytes }) => ({
        org_id: tx.orgId,
        image_id: source.imageId,
        upload_id: source.uploadId,
        kind,
        width,
        format,
        version: sql<number>`(
          select coalesce(max(r.version), 0) + 1 from renditions r
          where ${tx.ofOrg('r')} and r.image_id = ${source.imageId} and r.kind = ${kind} and r.width = ${width}
            and r.format = ${format})`,
        storage_key: storageKey,
        size_bytes: sizeBytes,
      })),
    ),
  );
}
