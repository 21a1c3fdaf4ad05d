import type { DeviceId, OrgId, SiteId } from '@spinbay/contracts';
import { type CompiledQuery, sql } from 'kysely';
import type pg from 'pg';
import { type AccessRow, accessStatements, type Caller, checkAccess } from './access-check.ts';
import { type ConnectionOptions, Connections } from './connections.ts';
import { build, compileFor, OrgTx, type Query, type SiteScope, type Terms, termsFor } from './org-tx.ts';

export type StoreOptions = ConnectionOptions;

export interface OrgStore {
  /** A read-only transaction; run again from its start when the connection breaks. */
  read<T>(work: (tx: OrgTx) => Promise<T>): Promise<T>;
  /**
   * A transaction. It is rolled back when `work` throws or returns a `Failure`, and run again when it deadlocked or the
   * connection broke before the commit was sent: so `work` does nothing but talk to `tx`. Statements that do not need each
   * other's results share a round trip: `await Promise.all([tx.run(a), tx.run(b)])`.
   */
  transact<T>(work: (tx: OrgTx) => Promise<T>): Promise<T>;
  /**
   * One statement with its whole transaction in one round trip, for what pollers ask again and again. It is sent before the
   * access check is answered: rows of sites that the caller may not see are dropped here, so each row names its site.
   */
  readInOneRoundTrip<Row extends { readonly site_id: SiteId }>(statement: (terms: Terms) => Query<Row>): Promise<Row[]>;
}

/** For statements that run before an organization is known. Each opens just one policy, see the migrations. */
export type Setting =
  | { readonly name: 'app.login_email'; readonly value: string }
  | { readonly name: 'app.list_organizations'; readonly value: 'on' }
  | { readonly name: 'app.read_outbox'; readonly value: 'on' }
  | { readonly name: 'app.list_deletions'; readonly value: 'on' };

/** How a caller's transactions run. */
interface CallerOptions {
  /** A statement that runs longer is canceled. Default: 15 s, which nothing exceeds. */
  readonly statementMs?: number;
}

export interface Store {
  /**
   * A tenant's rows as a caller may see them. Each transaction begins with the access check.
   * @throws CallerRefused from its calls when the caller has lost their access, StoreBusy when they ask for too much at once
   */
  forCaller(caller: Caller, options?: CallerOptions): OrgStore;
  /** A tenant's rows for the system itself: the worker, and the sign-in that finds out who is calling. */
  forOrg(orgId: OrgId, sites: SiteScope): OrgStore;
  close(): Promise<void>;
}

const connectionsOf = new WeakMap<Store, Connections>();

/** @throws StoreUnavailable from its calls when the database does not answer after some tries */
export function createStore(options: StoreOptions): Store {
  const connections = new Connections(options);
  const store: Store = {
    forCaller: (caller, { statementMs } = {}) =>
      orgStore(connections, {
        owner: { orgId: caller.orgId, callerId: caller.id },
        deviceId: caller.type === 'device' ? caller.id : null,
        opening: (readOnly) => [
          setOrg(caller.orgId, statementMs),
          ...accessStatements(caller, readOnly).map((statement) => statement.compile(build)),
        ],
        // The last statement of the opening is the access check.
        sites: (opened) => checkAccess(caller, opened.at(-1)?.rows[0] as AccessRow | undefined),
      }),
    forOrg: (orgId, sites) =>
      orgStore(connections, { owner: { orgId }, deviceId: null, opening: () => [setOrg(orgId)], sites: () => sites }),
    close: () => connections.end(),
  };
  connectionsOf.set(store, connections);
  return store;
}

/** Whose rows are meant, how transactions on them begin, and which sites they see. */
interface Scope {
  readonly owner: { readonly orgId: OrgId; readonly callerId?: string };
  /** Null: no device. */
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
  // The sites are not known yet; the rows are filtered when they come.
  const terms = termsFor({ orgId, sites: 'all', deviceId });
  return {
    read: (work) => transaction(true, work),
    transact: (work) => transaction(false, work),
    readInOneRoundTrip: async (statement) => {
      const query = compileFor(orgId, statement(terms));
      const results = await connections.oneRoundTrip({ owner, opening: opening(true) }, query);
      const visible = sites(results.slice(0, -1));
      const rows = (results.at(-1)?.rows ?? []) as { site_id: SiteId }[];
      return rows.filter((row) => visible === 'all' || visible.includes(row.site_id)) as never;
    },
  };
}

/** Inside this package: reads that happen before an organization is known (a sign-in, the list of organizations). */
export function readUnscoped<T>(
  store: Store,
  setting: Setting | null,
  work: (client: pg.PoolClient) => Promise<T>,
): Promise<T> {
  const connections = connectionsOf.get(store);
  if (connections === undefined) throw new Error('this store was not made by createStore');
  const opening =
    setting === null ? [] : [sql`select set_config(${sql.lit(setting.name)}, ${setting.value}, true)`.compile(build)];
  return connections.transaction({ owner: {}, readOnly: true, opening }, work);
}

/** Local to the transaction, so that no pooler can carry a tenant over to the next user of a connection. */
function setOrg(orgId: OrgId, statementMs?: number): CompiledQuery {
  const limit =
    statementMs === undefined ? sql`` : sql`, set_config('statement_timeout', ${String(statementMs)}, true)`;
  return sql`select set_config('app.org_id', ${orgId}, true)${limit}`.compile(build);
}
