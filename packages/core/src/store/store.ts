import type { DeviceId, OrgId, SiteId } from '@spinbay/contracts';
import { type CompiledQuery, sql } from 'kysely';
import type pg from 'pg';
import { type AccessRow, accessStatements, type Caller, checkAccess } from './access-check.ts';
import { type ConnectionOptions, Connections } from './connections.ts';
import { build, type Conditions, compileFor, conditionsFor, OrgTx, type Query, type SiteScope } from './org-tx.ts';

export type StoreOptions = ConnectionOptions;

export interface OrgStore {
  /** A read-only transaction. It is retried from its start if the connection breaks. */
  read<T>(work: (tx: OrgTx) => Promise<T>): Promise<T>;
  /**
   * A transaction. It is rolled back if `work` throws or returns a `Failure`. It is retried after a deadlock, or if the
   * connection breaks before the commit is sent, so `work` must only use `tx`. Statements that do not need each other's
   * results can share a round trip: `await Promise.all([tx.run(a), tx.run(b)])`.
   */
  transact<T>(work: (tx: OrgTx) => Promise<T>): Promise<T>;
  /**
   * One statement with its whole transaction in one round trip, for polling. It is sent before the result of the access check
   * is known. This function then drops rows of sites that the caller may not see, so each row must have a `site_id`.
   */
  readInOneRoundTrip<Row extends { readonly site_id: SiteId }>(
    statement: (conditions: Conditions) => Query<Row>,
  ): Promise<Row[]>;
}

/** For statements that run before an organization is known. The migrations define the policies that each setting activates. */
export type Setting =
  | { readonly name: 'app.login_email'; readonly value: string }
  | { readonly name: 'app.list_organizations'; readonly value: 'on' }
  | { readonly name: 'app.read_outbox'; readonly value: 'on' }
  | { readonly name: 'app.list_deletions'; readonly value: 'on' }
  | { readonly name: 'app.list_rejudgements'; readonly value: 'on' };

/** How a caller's transactions run. */
interface CallerOptions {
  /** A statement that runs longer is cancelled. Default: 15 s. The connection is closed after 17 s in any case. */
  readonly statementMs?: number;
}

export interface Store {
  /**
   * A tenant's rows that a caller may see. Each transaction starts with the access check.
   * @throws CallerRefused from its calls if the caller has lost their access, StoreBusy if they send too much at once
   */
  forCaller(caller: Caller, options?: CallerOptions): OrgStore;
  /** A tenant's rows for the system itself: for the worker, and for the sign-in, which identifies the caller. */
  forOrg(orgId: OrgId, sites: SiteScope): OrgStore;
  close(): Promise<void>;
}

const connectionsOf = new WeakMap<Store, Connections>();

/** @throws StoreUnavailable from its calls if the database does not answer after some retries */
export function createStore(options: StoreOptions): Store {
  const connections = new Connections(options);
  const store: Store = {
    forCaller: (caller, { statementMs } = {}) =>
      orgStore(connections, {
        // A device chooses its own id, and could choose that of a person.
        owner: { orgId: caller.orgId, callerId: `${caller.type}/${caller.id}` },
        deviceId: caller.type === 'device' ? caller.id : null,
        opening: (readOnly) => [
          setOrg(caller.orgId, statementMs),
          ...accessStatements(caller, readOnly).map((statement) => statement.compile(build)),
        ],
        // The access check is the last of the opening statements.
        sites: (opened) => checkAccess(caller, opened.at(-1)?.rows[0] as AccessRow | undefined),
      }),
    forOrg: (orgId, sites) =>
      orgStore(connections, { owner: { orgId }, deviceId: null, opening: () => [setOrg(orgId)], sites: () => sites }),
    close: () => connections.end(),
  };
  connectionsOf.set(store, connections);
  return store;
}

/** The tenant, the opening statements of its transactions, and the sites that they see. */
interface Scope {
  readonly owner: { readonly orgId: OrgId; readonly callerId?: string };
  /** Null: the caller is not a device. */
  readonly deviceId: DeviceId | null;
  opening(readOnly: boolean): readonly CompiledQuery[];
  sites(opened: readonly pg.QueryResult[]): SiteScope;
}

function orgStore(connections: Connections, { owner, deviceId, opening, sites }: Scope): OrgStore {
  const { orgId } = owner;
  const transaction = <T>(readOnly: boolean, work: (tx: OrgTx) => Promise<T>) =>
    connections.transaction({ owner, readOnly, opening: opening(readOnly) }, (client, opened) =>
      work(new OrgTx({ orgId, sites: sites(opened), deviceId }, client, connections.statements)),
    );
  // The sites are not known yet. The rows are filtered when they arrive.
  const conditions = conditionsFor({ orgId, sites: 'all', deviceId });
  return {
    read: (work) => transaction(true, work),
    transact: (work) => transaction(false, work),
    readInOneRoundTrip: async (statement) => {
      const query = compileFor(orgId, statement(conditions));
      const results = await connections.oneRoundTrip({ owner, opening: opening(true) }, query);
      const visible = sites(results.slice(0, -1));
      const rows = (results.at(-1)?.rows ?? []) as { site_id: SiteId }[];
      return rows.filter((row) => visible === 'all' || visible.includes(row.site_id)) as never;
    },
  };
}

/** Only for this package: reads before an organization is known (a sign-in, the list of organizations). */
export function readUnscoped<T>(
  store: Store,
  setting: Setting | null,
  work: (client: pg.PoolClient) => Promise<T>,
): Promise<T> {
  const connections = connectionsOf.get(store);
  if (connections === undefined) throw new Error('this store was not made by createStore');
  const opening =
    setting === null ? [] : [sql`select set_config(${sql.lit(setting.name)}, ${setting.value}, true)`.compile(build)];
  // Many sign-ins at the same time must not delay the readiness check or the change feed.
  const owner = { purpose: setting?.name };
  return connections.transaction({ owner, readOnly: true, opening }, work);
}

/** Local to the transaction, so that no pooler can carry a tenant over to the next user of the connection. */
function setOrg(orgId: OrgId, statementMs?: number): CompiledQuery {
  const limit =
    statementMs === undefined ? sql`` : sql`, set_config('statement_timeout', ${String(statementMs)}, true)`;
  return sql`select set_config('app.org_id', ${orgId}, true)${limit}`.compile(build);
}
