import { foreignKeyViolation } from './buckets.ts';
import { type Database, type Queries, sqlState } from './database.ts';
import type { ChecksumAlgorithm, Tag } from './objects.ts';

export interface Upload {
  readonly id: string;
  readonly bucket: string;
  readonly key: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly tags: readonly Tag[];
  /** How the whole is to be checked, if the client said so. */
  readonly checksum: { readonly algorithm: ChecksumAlgorithm; readonly type: 'FULL_OBJECT' | 'COMPOSITE' } | null;
}

export interface Part {
  readonly number: number;
  readonly blob: string;
  readonly size: number;
  /** MD5, hex. */
  readonly etag: string;
  /** Base64 by algorithm. */
  readonly checksums: Readonly<Partial<Record<ChecksumAlgorithm, string>>>;
  readonly modifiedAt: Date;
}

export async function createUpload(database: Queries, upload: Upload): Promise<void> {
  await database.query(
    'insert into local_cloud.uploads (id, bucket, key, headers, tags, checksum) values ($1, $2, $3, $4, $5, $6)',
    [
      upload.id,
      upload.bucket,
      upload.key,
      JSON.stringify(upload.headers),
      JSON.stringify(upload.tags),
      upload.checksum ? JSON.stringify(upload.checksum) : null,
    ],
  );
}

const uuid = /^[0-9a-f]{8}-([0-9a-f]{4}-){3}[0-9a-f]{12}$/;

/** @param lock keeps others from completing or aborting it until the transaction ends */
export async function findUpload(
  queries: Queries,
  bucket: string,
  key: string,
  id: string,
  lock: 'lock' | 'no lock' = 'no lock',
): Promise<Upload | undefined> {
  if (!uuid.test(id)) return undefined;
  const sql = `select id, bucket, key, headers, tags, checksum from local_cloud.uploads
    where id = $1 and bucket = $2 and key = $3 ${lock === 'lock' ? 'for update' : ''}`;
  return (await queries.query<Upload>(sql, [id, bucket, key]))[0];
}

export function listParts(queries: Queries, upload: string): Promise<Part[]> {
  return queries.query<Part>(
    `select number, blob, size::float8 as size, etag, checksums, modified_at as "modifiedAt"
     from local_cloud.parts where upload = $1 order by number`,
    [upload],
  );
}

/** @returns the blob that it takes the place of, or 'no_such_upload' if the upload has ended meanwhile */
export async function putPart(
  database: Database,
  upload: string,
  part: Omit<Part, 'modifiedAt'>,
): Promise<{ replacedBlob: string | undefined } | 'no_such_upload'> {
  try {
    return await database.transact(async (tx) => {
      const locked = await tx.query('select id from local_cloud.uploads where id = $1 for update', [upload]);
      if (locked.length === 0) return 'no_such_upload';
      const gone = await tx.query<{ blob: string }>(
        'delete from local_cloud.parts where upload = $1 and number = $2 returning blob',
        [upload, part.number],
      );
      await tx.query(
        'insert into local_cloud.parts (upload, number, blob, size, etag, checksums) values ($1, $2, $3, $4, $5, $6)',
        [upload, part.number, part.blob, part.size, part.etag, JSON.stringify(part.checksums)],
      );
      return { replacedBlob: gone[0]?.blob };
    });
  } catch (error) {
    if (sqlState(error) === foreignKeyViolation) return 'no_such_upload';
    throw error;
  }
}

/** Ends an upload, in the transaction that completes it or on its own. */
export async function removeUpload(tx: Queries, upload: string): Promise<string[]> {
  const blobs = await tx.query<{ blob: string }>('delete from local_cloud.parts where upload = $1 returning blob', [
    upload,
  ]);
  await tx.query('delete from local_cloud.uploads where id = $1', [upload]);
  return blobs.map((row) => row.blob);
}

/** Whether the object of this key is the one that the upload became: a repeated completion is then answered as the first. */
export async function findCompleted(queries: Queries, bucket: string, key: string, upload: string): Promise<boolean> {
  if (!uuid.test(upload)) return false;
  const sql = 'select from local_cloud.objects where bucket = $1 and key = $2 and upload = $3';
  return (await queries.query(sql, [bucket, key, upload])).length > 0;
}
