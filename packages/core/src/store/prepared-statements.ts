import type { CompiledQuery } from 'kysely';
import type pg from 'pg';

/** The maximum number of prepared statements of a connection. Further statements are sent unprepared. */
const maxStatements = 150;

/**
 * Names for statements that are prepared once on each connection and then run by name. This saves PostgreSQL parsing and
 * planning, more than half of the work of a short transaction. There is one registry per process, so that a text has the same
 * name on all connections. The driver knows which connection has prepared it.
 */
export class PreparedStatements {
  readonly #names = new Map<string, string>();
  #generation = 0;
  #enabled = true;

  /** The statement for the driver, with a name if it may be prepared. */
  query({ sql: text, parameters }: CompiledQuery): pg.QueryConfig {
    const name = this.#enabled ? this.#nameOf(text) : undefined;
    return { ...(name === undefined ? {} : { name }), text, values: [...parameters] };
  }

  /**
   * Reacts to errors about prepared statements, after which the transaction can be retried.
   * @returns what was done, as a text for the log; null for any other error
   */
  recoverFrom(error: unknown): string | null {
    const { code, routine } = (error instanceof Error ? error : {}) as Pick<
      Partial<pg.DatabaseError>,
      'code' | 'routine'
    >;
    // "cached plan must not change result type", in the language of the server: a migration has changed a table since the
    // statement was prepared.
    if (code === '0A000' && routine === 'RevalidateCachedQuery') {
      this.#names.clear();
      this.#generation += 1;
      return 'a table has changed, statements are prepared again';
    }
    // A connection has other prepared statements than expected: there is a pooler in between.
    if (this.#enabled && (code === '26000' || code === '42P05')) {
      this.#enabled = false;
      return 'a pooler loses prepared statements, continuing without them';
    }
    return null;
  }

  #nameOf(text: string): string | undefined {
    const known = this.#names.get(text);
    if (known !== undefined || this.#names.size === maxStatements) return known;
    const name = `s${this.#generation}_${this.#names.size}`;
    this.#names.set(text, name);
    return name;
  }
}
