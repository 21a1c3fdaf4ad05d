import type { NotificationRule } from './buckets.ts';
import type { Database, Queries } from './database.ts';

export interface Checksum {
  readonly algorithm: ChecksumAlgorithm;
  /** In base64. */
  readonly value: string;
  readonly type: 'FULL_OBJECT';
}

export type ChecksumAlgorithm = 'CRC32' | 'SHA1' | 'SHA256';

export interface StoredObject {
  readonly bucket: string;
  readonly key: string;
  readonly blob: string;
  readonly size: number;
  /** Without quotes. */
  readonly etag: string;
  /** The stored headers of the upload: lower-case name -> value. */
  readonly headers: Readonly<Record<string, string>>;
  readonly tags: readonly Tag[];
  readonly checksum: Checksum | null;
  readonly modifiedAt: Date;
}

export interface Tag {
  readonly key: string;
  readonly value: string;
}

export type NewObject = Omit<StoredObject, 'modifiedAt'>;

export interface PutResult {
  /** The blob to delete, because no row refers to it any longer. */
  readonly replacedBlob: string | undefined;
}

/** Why a PUT is refused, checked under the lock of the key. */
export type PutRefusal = 'no_such_bucket' | 'precondition_failed';

export interface PutConditions {
  readonly onlyIfAbsent: boolean;
  readonly onlyIfEtag?: string | undefined;
}

export interface PutEvents {
  /** Called in the transaction. The sequencer is higher than that of any earlier change of the key. */
  send(tx: Queries, rules: readonly NotificationRule[], sequencer: bigint, at: Date): Promise<void>;
}

const columns = `bucket, key, blob, size::float8 as size, etag, headers, tags, checksum, modified_at as "modifiedAt"`;

export async function findObject(database: Queries, bucket: string, key: string): Promise<StoredObject | undefined> {
  const sql = `select ${columns} from local_cloud.objects where bucket = $1 and key = $2`;
  return (await database.query<StoredObject>(sql, [bucket, key]))[0];
}

/** Writes the row and sends its events in the caller's transaction. Changes of the same key wait for each other. */
export async function putObjectRow(
  tx: Queries,
  object: NewObject,
  conditions: PutConditions,
  events: PutEvents,
): Promise<PutResult | PutRefusal> {
  await lockKey(tx, object.bucket, object.key);
  const [found] = await tx.query<{
    notifications: readonly NotificationRule[];
    blob: string | null;
    etag: string | null;
    sequencer: string;
    at: Date;
  }>(
    `select b.notifications, o.blob, o.etag, nextval('local_cloud.sequencer') as sequencer, now() as at
     from local_cloud.buckets b left join local_cloud.objects o on o.bucket = b.name and o.key = $2
     where b.name = $1`,
    [object.bucket, object.key],
  );
  if (!found) return 'no_such_bucket';
  if (conditions.onlyIfAbsent && found.blob !== null) return 'precondition_failed';
  if (conditions.onlyIfEtag !== undefined && conditions.onlyIfEtag !== found.etag) return 'precondition_failed';
  await tx.query(
    `insert into local_cloud.objects (bucket, key, blob, size, etag, headers, tags, checksum)
     values ($1, $2, $3, $4, $5, $6, $7, $8)
     on conflict (bucket, key) do update set blob = excluded.blob, size = excluded.size, etag = excluded.etag,
       headers = excluded.headers, tags = excluded.tags, checksum = excluded.checksum,
       modified_at = now()`,
    [
      object.bucket,
      object.key,
      object.blob,
      object.size,
      object.etag,
      JSON.stringify(object.headers),
      JSON.stringify(object.tags),
      object.checksum ? JSON.stringify(object.checksum) : null,
    ],
  );
  await events.send(tx, found.notifications, BigInt(found.sequencer), found.at);
  return { replacedBlob: found.blob ?? undefined };
}

/** @returns the blob of the deleted object, which the caller must remove */
export async function deleteObjectRow(database: Database, bucket: string, key: string): Promise<string | undefined> {
  return database.transact(async (tx) => {
    await lockKey(tx, bucket, key);
    const sql = 'delete from local_cloud.objects where bucket = $1 and key = $2 returning blob';
    return (await tx.query<{ blob: string }>(sql, [bucket, key]))[0]?.blob;
  });
}

async function lockKey(tx: Queries, bucket: string, key: string): Promise<void> {
  await tx.query('select pg_advisory_xact_lock(hashtextextended($1, 0))', [`${bucket}/${key}`]);
}

export interface ListQuery {
  readonly bucket: string;
  readonly prefix: string;
  readonly delimiter: string;
  /** List only keys after this one. A common prefix stands for all keys that begin with it. */
  readonly after: string;
  readonly limit: number;
}

export interface Listing {
  readonly objects: readonly StoredObject[];
  readonly commonPrefixes: readonly string[];
  /** The start of the next page, or undefined at the end. */
  readonly next: string | undefined;
}

/** The highest code point. A prefix with this appended sorts after every key that begins with the prefix. */
const highest = '\u{10ffff}';

/** Lists keys in byte order. Keys with the same text up to the first delimiter after the prefix form one common prefix. */
export async function listObjects(database: Queries, query: ListQuery): Promise<Listing> {
  const objects: StoredObject[] = [];
  const commonPrefixes: string[] = [];
  const { bucket, prefix, delimiter, limit } = query;
  let after = query.after;
  if (delimiter !== '' && after.endsWith(delimiter) && after.startsWith(prefix)) after += highest;
  for (;;) {
    const want = limit - objects.length - commonPrefixes.length + 1;
    const rows = await database.query<StoredObject>(
      `select ${columns} from local_cloud.objects
       where bucket = $1 and key > $2 and key >= $3 and key < $4 order by key limit $5`,
      [bucket, after, prefix, `${prefix}${highest}`, want],
    );
    let skipped = false;
    for (const row of rows) {
      const end = delimiter === '' ? -1 : row.key.indexOf(delimiter, prefix.length);
      const folded = end < 0 ? undefined : row.key.slice(0, end + delimiter.length);
      if (objects.length + commonPrefixes.length === limit) {
        const lastKey = objects.at(-1)?.key ?? '';
        const lastPrefix = commonPrefixes.at(-1) ?? '';
        return {
          objects,
          commonPrefixes,
          next: Buffer.compare(Buffer.from(lastKey), Buffer.from(lastPrefix)) > 0 ? lastKey : lastPrefix,
        };
      }
      if (folded === undefined) {
        objects.push(row);
        after = row.key;
        continue;
      }
      commonPrefixes.push(folded);
      after = `${folded}${highest}`;
      skipped = true;
      break;
    }
    if (!skipped && rows.length < want) return { objects, commonPrefixes, next: undefined };
  }
}
