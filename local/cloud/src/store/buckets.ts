import type { Database, Queries } from './database.ts';

export interface CorsRule {
  readonly id?: string | undefined;
  readonly origins: readonly string[];
  readonly methods: readonly string[];
  readonly headers: readonly string[];
  readonly expose: readonly string[];
  readonly maxAgeSeconds?: number | undefined;
}

export interface NotificationRule {
  readonly id: string;
  /** The name of the queue that receives the events. */
  readonly queue: string;
  /** The configured types: 's3:ObjectCreated:*', 's3:ObjectCreated:Put'. */
  readonly events: readonly string[];
  readonly prefix: string;
  readonly suffix: string;
}

export interface Bucket {
  readonly name: string;
  readonly createdAt: Date;
  readonly cors: readonly CorsRule[];
  readonly notifications: readonly NotificationRule[];
}

/** All buckets, cached in memory, because every reply needs their CORS rules, even if the database is unavailable. */
export interface Buckets {
  get(name: string): Bucket | undefined;
  /** @returns false if the bucket already exists */
  create(name: string): Promise<boolean>;
  setCors(name: string, rules: readonly CorsRule[]): Promise<void>;
  setNotifications(
    name: string,
    rules: readonly NotificationRule[],
    alongside: (tx: Queries) => Promise<void>,
  ): Promise<void>;
  /** Rereads the table after changes may have been missed. */
  refresh(): Promise<void>;
}

export async function openBuckets(database: Database): Promise<Buckets> {
  let buckets = new Map<string, Bucket>();
  const refresh = async () => {
    const rows = await database.query<Bucket>(
      'select name, cors, notifications, created_at as "createdAt" from local_cloud.buckets order by name collate "C"',
    );
    buckets = new Map(rows.map((row) => [row.name, row]));
  };
  await refresh();
  const changed = async <T>(change: () => Promise<T>): Promise<T> => {
    const result = await change();
    await refresh();
    return result;
  };
  return {
    get: (name) => buckets.get(name),
    create: (name) =>
      changed(async () => {
        const sql = 'insert into local_cloud.buckets (name) values ($1) on conflict do nothing returning name';
        return (await database.query(sql, [name])).length > 0;
      }),
    setCors: (name, rules) =>
      changed(async () => {
        const sql = 'update local_cloud.buckets set cors = $2 where name = $1';
        await database.query(sql, [name, JSON.stringify(rules)]);
      }),
    setNotifications: (name, rules, alongside) =>
      changed(() =>
        database.transact(async (tx) => {
          const sql = 'update local_cloud.buckets set notifications = $2 where name = $1';
          await tx.query(sql, [name, JSON.stringify(rules)]);
          await alongside(tx);
        }),
      ),
    refresh,
  };
}
