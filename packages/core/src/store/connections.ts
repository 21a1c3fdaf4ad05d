import { isFailure } from '@spinbay/contracts';
import type { CompiledQuery } from 'kysely';
import pg from 'pg';
import { parseIntoClientConfig } from 'pg-connection-string';
import { ConnectionSlots, type SlotLimits, type SlotOwner } from './connection-slots.ts';
import { classify, isReadOnlyViolation, ReadOnlyServer, StoreUnavailable } from './faults.ts';
import { PreparedStatements } from './prepared-statements.ts';

export interface ConnectionOptions {
  readonly databaseUrl: string;
  /**
   * Returns the password for a new connection if `databaseUrl` has none. The argument is the password that was last
   * refused, so that the function can look for a newer one.
   */
  readonly password?: ((refused: string | undefined) => Promise<string>) | undefined;
  /** The maximum number of connections of this process. Default: 10. */
  readonly poolSize?: number;
  readonly applicationName: string;
  /** A connection whose server does not answer a statement within this time is closed. Default: 17 s. */
  readonly answerWithinMs?: number;
  /**
   * How connections are shared among organizations and callers. By default an organization or a caller may use all connections.
   * Waiting organizations take turns in any case.
   */
  readonly slots?: Partial<Omit<SlotLimits, 'total'>>;
  /** Called when an idle connection has broken, and before each retry. */
  readonly onFault?: (fault: { message: string; error: unknown }) => void;
}

/** The options and the owner of a transaction. */
export interface Mode {
  readonly owner: SlotOwner;
  readonly readOnly: boolean;
  /** Statements that are sent together with the `begin`. */
  readonly opening: readonly CompiledQuery[];
}

type Work<T> = (client: pg.PoolClient, opened: readonly pg.QueryResult[]) => Promise<T>;

const maxAttempts = 5;
/** An attempt that fails after this time is not retried. */
const retryForMs = 3_000;
const connectWithinMs = 2_000;
/** The limit for all requests, see `statementMs` in `store.ts`. */
const maxStatementMs = 15_000;
/**
 * The server cancels a statement that takes longer than `maxStatementMs`, so a connection that stays silent for longer is lost.
 * Without this limit, a statement on a connection that a firewall has forgotten waits until TCP gives up, after 15 minutes.
 */
const answerWithinMs = maxStatementMs + 2_000;
/** An idle connection that was lost closes after this time and ten probes, one per second. The default of Linux is two hours. */
const probeAfterMs = 10_000;
/** Connections are replaced after this time, so that they follow a moved database and free memory of the server. */
const maxLifetimeSeconds = 30 * 60;

/** The connections of a process. Runs transactions on them and retries those that can be retried. */
export class Connections {
  readonly statements = new PreparedStatements();
  readonly #pool: pg.Pool;
  readonly #slots: ConnectionSlots;
  readonly #options: ConnectionOptions;
  #passwordInUse: string | undefined;
  #refusedPassword: string | undefined;

  constructor(options: ConnectionOptions) {
    this.#options = options;
    const total = options.poolSize ?? 10;
    this.#slots = new ConnectionSlots({
      perOrg: total,
      perCaller: total,
      waitingPerOrg: 1_000,
      waitingPerCaller: 1_000,
      waitMs: 2_000,
      ...options.slots,
      total,
    });
    this.#pool = new pg.Pool({
      ...this.#address(),
      max: total,
      application_name: options.applicationName,
      connectionTimeoutMillis: connectWithinMs,
      statement_timeout: maxStatementMs,
      idle_in_transaction_session_timeout: 30_000,
      maxLifetimeSeconds,
      query_timeout: options.answerWithinMs ?? answerWithinMs,
      keepAlive: true,
      keepAliveInitialDelayMillis: probeAfterMs,
      // Statements that are not awaited individually share a round trip.
      pipeline: true,
    } as pg.PoolConfig);
    // Without a listener, an idle connection that breaks would end the process.
    this.#pool.on('error', (error) => options.onFault?.({ message: 'an idle database connection broke', error }));
  }

  #address(): pg.ClientConfig {
    const { databaseUrl, password } = this.#options;
    if (password === undefined) return { connectionString: databaseUrl };
    const next = async () => {
      this.#passwordInUse = await password(this.#refusedPassword);
      return this.#passwordInUse;
    };
    // With `connectionString`, its empty password would replace this one.
    return { ...parseIntoClientConfig(databaseUrl), password: next };
  }

  /** Whether the server refused the password, as after a rotation. The next connection then asks for a newer one. */
  #isRefusedPassword(error: unknown): boolean {
    if (this.#options.password === undefined || (error as { code?: unknown }).code !== '28P01') return false;
    this.#refusedPassword = this.#passwordInUse;
    return true;
  }

  end(): Promise<void> {
    return this.#pool.end();
  }

  /** A transaction. It is rolled back if `work` throws or returns a `Failure`. */
  transaction<T>(mode: Mode, work: Work<T>): Promise<T> {
    return this.#withRetries(mode, async (client) => {
      const opened = await Promise.all(this.#begin(client, mode));
      const result = await work(client, opened).catch((error: unknown) => {
        // A transaction that was begun to write is read-only only if the server is.
        if (!mode.readOnly && isReadOnlyViolation(error))
          throw new ReadOnlyServer('the database server is read-only', { cause: error });
        throw error;
      });
      if (isFailure(result)) await client.query('rollback');
      else await commit(client, mode.readOnly);
      return result;
    });
  }

  /** A read-only transaction with a single statement, in one round trip. */
  oneRoundTrip(mode: Omit<Mode, 'readOnly'>, query: CompiledQuery): Promise<pg.QueryResult[]> {
    return this.#withRetries(mode, async (client) => {
      const sent = [...this.#begin(client, { ...mode, readOnly: true }), client.query(this.statements.query(query))];
      const [results] = await Promise.all([Promise.all(sent), client.query('commit')]);
      return results;
    });
  }

  #begin(client: pg.PoolClient, { readOnly, opening }: Omit<Mode, 'owner'>): Promise<pg.QueryResult>[] {
    return [
      client.query(readOnly ? 'begin read only' : 'begin'),
      ...opening.map((statement) => client.query(this.statements.query(statement))),
    ];
  }

  async #withRetries<T>({ owner }: { owner: SlotOwner }, run: (client: pg.PoolClient) => Promise<T>): Promise<T> {
    const giveUpAt = performance.now() + retryForMs;
    for (let attempt = 1; ; attempt++) {
      try {
        return await this.#withConnection(owner, run);
      } catch (error) {
        if (error instanceof CommitUnknown) throw unavailable(error.cause);
        const fault = this.#isRefusedPassword(error) ? 'connection' : classify(error);
        if (fault === 'timeout') throw new StoreUnavailable('the database took too long', { cause: error });
        const recovered = this.statements.recoverFrom(error);
        if (recovered === null && fault === 'other') throw error;
        if (attempt >= maxAttempts || performance.now() >= giveUpAt) {
          // A transaction that keeps conflicting is also reported as unavailable: the caller has to retry it.
          throw fault === 'other' ? error : unavailable(error);
        }
        this.#options.onFault?.({ message: `database: ${recovered ?? `${fault}, trying again`}`, error });
        if (recovered !== null) continue;
        // 50, 100, 200, 400 ms plus up to the same again at random, so that not all clients reach a restarted server at once.
        const wait = 25 * 2 ** attempt;
        await new Promise((resolve) => setTimeout(resolve, wait + Math.random() * wait));
      }
    }
  }

  async #withConnection<T>(owner: SlotOwner, run: (client: pg.PoolClient) => Promise<T>): Promise<T> {
    const releaseSlot = await this.#slots.acquire(owner);
    try {
      const client = await this.#pool.connect();
      let broken: Error | undefined;
      const onError = (error: Error) => {
        broken = error;
      };
      client.on('error', onError);
      try {
        return await run(client);
      } catch (error) {
        if (classify(error) === 'connection') broken ??= error as Error;
        // If the transaction has already ended, this causes only a warning of the server.
        else await client.query('rollback').catch(onError);
        throw error;
      } finally {
        client.off('error', onError);
        client.release(broken);
      }
    } finally {
      releaseSlot();
    }
  }
}

/** The connection broke during the commit. The outcome is unknown, so the transaction is not retried. */
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
