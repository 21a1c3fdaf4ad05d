import { isFailure, type OrgId, type SiteId } from '@spinbay/contracts';
import { type CompiledQuery, sql } from 'kysely';
import pg from 'pg';
import { classify, StoreUnavailable } from './faults.ts';
import { isOrg } from './of-org.ts';
import { build, compileFor, OrgTx, type Query, type SiteScope, type Terms } from './org-tx.ts';
import { askStanding, type Caller, type StandingRow, sitesOf } from './standing.ts';
import { isPooled, type Part, sendTogether } from './together.ts';

export interface StoreOptions {
  readonly databaseUrl: string;
  /** Connections of this process at most. */
  readonly poolSize?: number;
  readonly applicationName: string;
  /** Told of connections that broke while idle, and of retries. */
  readonly onFault?: (fault: { message: string; error: unknown }) => void;
}

export interface OrgStore {
  /** A read-only transaction; run again from its start when the connection breaks. */
  read<T>(work: (tx: OrgTx) => Promise<T>): Promise<T>;
  /**
   * A transaction. It is rolled back when `work` throws or returns a `Failure`, and run again when it deadlocked or the
   * connection broke before the commit was sent: so `work` does nothing but talk to `tx`.
   */
  transact<T>(work: (tx: OrgTx) => Promise<T>): Promise<T>;
  /** The rows of some statements, with their transaction around them in a single round trip: for what pollers ask again and again. */
  peek<Rows extends readonly RowOfSite[]>(ahead: Ahead<Rows>): Promise<RowsOf<Rows>>;
  /** As `transact`, with statements in the round trip of the `begin`. */
  transactAfter<T, Rows extends readonly RowOfSite[]>(
    ahead: Ahead<Rows>,
    work: (tx: OrgTx, ...rows: RowsOf<Rows>) => Promise<T>,
  ): Promise<T>;
}

interface RowOfSite {
  readonly site_id: SiteId;
}

/**
 * Statements that go out before it is known which sites the caller may see: of their rows those of other sites are left out
 * when they come, so that a row has to tell of one site alone. Their parameters are texts.
 */
type Ahead<Rows extends readonly RowOfSite[]> = (terms: Terms) => { [K in keyof Rows]: Query<Rows[K]> };
type RowsOf<Rows extends readonly RowOfSite[]> = { [K in keyof Rows]: Rows[K][] };

/** For statements that run before an organization is known. Each opens just one policy, see the migrations. */
export type Setting =
  | { readonly name: 'app.login_email'; readonly value: string }
  | { readonly name: 'app.list_organizations'; readonly value: 'on' };

export interface Store {
  /**
   * A tenant's rows as a caller may see them. Each transaction first asks whether the caller still may.
   * @throws CallerRefused from its calls when not
   */
  forCaller(caller: Caller): OrgStore;
  /** A tenant's rows for the system itself: the worker, and the sign-in that finds out who is calling. */
  forOrg(orgId: OrgId, sites: SiteScope): OrgStore;
  close(): Promise<void>;
}

/** What is sent with `begin`, and which sites its answers open. */
interface Opening {
  readonly statements: readonly CompiledQuery[];
  sites(opened: readonly pg.QueryResult[]): SiteScope;
}

const attempts = 5;
const pools = new WeakMap<Store, Pool>();

/** @throws StoreUnavailable from its calls when the database does not answer after some tries */
export function createStore(options: StoreOptions): Store {
  const pool = new Pool(options);
  const scoped = (orgId: OrgId, opening: (readOnly: boolean) => Opening): OrgStore => {
    const terms: Terms = {
      ofOrg: (alias) => isOrg(`${alias}.org_id`, orgId),
      // Not known yet: seen to by the row, below.
      ofVisibleSite: () => sql<boolean>`true`,
    };
    const run = async <T, Rows extends readonly RowOfSite[]>(
      mode: { readOnly: boolean; ended?: boolean },
      ahead: Ahead<Rows>,
      work: (tx: OrgTx, ...rows: RowsOf<Rows>) => Promise<T>,
    ) => {
      const { statements, sites } = opening(mode.readOnly);
      const asked = ahead(terms).map((query) => compileFor(orgId, query));
      const sent = { ...mode, opening: [...statements, ...asked, ...(mode.ended ? ['commit'] : [])] };
      return pool.run(sent, (client, opened) => {
        // The first result is that of the `begin`.
        const answered = 1 + statements.length;
        const visible = sites(opened.slice(0, answered));
        const rows = opened
          .slice(answered, answered + asked.length)
          .map((result) => result.rows.filter((row) => visible === 'all' || visible.includes(row.site_id)));
        return work(new OrgTx(orgId, visible, client, pool.prepares), ...(rows as RowsOf<Rows>));
      });
    };
    return {
      read: (work) => run({ readOnly: true }, () => [], work),
      transact: (work) => run({ readOnly: false }, () => [], work),
      transactAfter: (ahead, work) => run({ readOnly: false }, ahead, work),
      peek: (ahead) => run({ readOnly: true, ended: true }, ahead, async (_, ...rows) => rows),
    };
  };
  const store: Store = {
    forCaller: (caller) =>
      scoped(caller.orgId, (readOnly) => ({
        statements: [
          orgSetting(caller.orgId),
          ...askStanding(caller, readOnly).map((statement) => statement.compile(build)),
        ],
        sites: (opened) => sitesOf(caller, opened.at(-1)?.rows[0] as StandingRow | undefined),
      })),
    forOrg: (orgId, sites) => scoped(orgId, () => ({ statements: [orgSetting(orgId)], sites: () => sites })),
    close: () => pool.end(),
  };
  pools.set(store, pool);
  return store;
}

/** Inside this package: reads that happen before an organization is known (a sign-in, the list of organizations). */
export function readUnscoped<T>(
  store: Store,
  setting: Setting | null,
  work: (client: pg.PoolClient) => Promise<T>,
): Promise<T> {
  const pool = pools.get(store);
  if (pool === undefined) throw new Error('this store was not made by createStore');
  return pool.run({ readOnly: true, opening: setting === null ? [] : [setConfig(setting.name, setting.value)] }, work);
}

function orgSetting(orgId: OrgId): CompiledQuery {
  return setConfig('app.org_id', orgId);
}

/** Local to the transaction, so that no pooler can carry a tenant over to the next user of a connection. */
function setConfig(name: string, value: string): CompiledQuery {
  return sql`select set_config(${sql.lit(name)}, ${value}, true)`.compile(build);
}

interface Mode {
  readonly readOnly: boolean;
  /** Statements that go with the `begin`. */
  readonly opening: readonly Part[];
  /** The last of them ended the transaction. */
  readonly ended?: boolean;
}
type Work<T> = (client: pg.PoolClient, opened: readonly pg.QueryResult[]) => Promise<T>;

class Pool {
  readonly #pool: pg.Pool;
  readonly #options: StoreOptions;
  /** Whether statements are prepared: until it is found that a pooler stands between. */
  prepares = true;

  constructor(options: StoreOptions) {
    this.#options = options;
    this.#pool = new pg.Pool({
      connectionString: options.databaseUrl,
      max: options.poolSize ?? 10,
      application_name: options.applicationName,
      connectionTimeoutMillis: 5_000,
      statement_timeout: 15_000,
      idle_in_transaction_session_timeout: 30_000,
      keepAlive: true,
    });
    // Without a listener a connection that breaks while idle would end the process.
    this.#pool.on('error', (error) => options.onFault?.({ message: 'an idle database connection broke', error }));
  }

  end(): Promise<void> {
    return this.#pool.end();
  }

  async run<T>(mode: Mode, work: Work<T>): Promise<T> {
    for (let attempt = 1; ; attempt++) {
      try {
        return await this.#once(mode, work);
      } catch (error) {
        if (this.prepares && isPooled(error)) {
          this.prepares = false;
          this.#options.onFault?.({
            message: 'database: prepared statements are lost by a pooler, doing without',
            error,
          });
          continue;
        }
        const fault = classify(error);
        if (fault === 'ours' || error instanceof CommitUnknown)
          throw error instanceof CommitUnknown ? unavailable(error.cause) : error;
        if (attempt >= attempts) throw fault === 'connection' ? unavailable(error) : error;
        this.#options.onFault?.({ message: `database: ${fault}, trying again`, error });
        // 50, 100, 200, 400 ms and up to as much again by chance: a restarted server is not met by everybody at once.
        const wait = 25 * 2 ** attempt;
        await new Promise((resolve) => setTimeout(resolve, wait + Math.random() * wait));
      }
    }
  }

  async #once<T>(mode: Mode, work: Work<T>): Promise<T> {
    const client = await this.#pool.connect();
    let broken: Error | undefined;
    const onError = (error: Error) => {
      broken = error;
    };
    client.on('error', onError);
    try {
      const begin = mode.readOnly ? 'begin read only' : 'begin';
      const opened = await sendTogether(client, [begin, ...mode.opening], this.prepares);
      const result = await work(client, opened);
      if (mode.ended) return result;
      if (isFailure(result)) await client.query('rollback');
      else await commit(client, mode.readOnly);
      return result;
    } catch (error) {
      if (classify(error) === 'connection') broken ??= error as Error;
      else
        await client.query('rollback').catch((e: Error) => {
          broken = e;
        });
      throw error;
    } finally {
      client.off('error', onError);
      client.release(broken);
    }
  }
}

/** The connection broke while the commit was under way: it may have happened or not, so that nobody here tries again. */
class CommitUnknown extends Error {}

async function commit(client: pg.PoolClient, readOnly: boolean): Promise<void> {
  try {
    await client.query('commit');
  } catch (error) {
    if (!readOnly && classify(error) === 'connection') throw new CommitUnknown('commit unknown', { cause: error });
    throw error;
  }
}

function unavailable(cause: unknown): StoreUnavailable {
  return new StoreUnavailable('the database does not answer', { cause });
}
