import type { CompiledQuery } from 'kysely';
import type pg from 'pg';

/** A connection never holds more prepared statements than this; what comes later is sent unprepared. */
const maxStatements = 150;

/**
 * Names for the statements that are prepared once on each connection and then run by name, which spares PostgreSQL more
 * than half of the work of a short transaction: parsing and planning. One registry for a process, so that a text has one
 * name on all of its connections; the driver remembers which connection has prepared it.
 */
export class PreparedStatements {
  readonly #names = new Map<string, string>();
  #generation = 0;
  #enabled = true;

  /** The statement as the driver takes it, with a name where it may be prepared. */
  query({ sql: text, parameters }: CompiledQuery): pg.QueryConfig {
    const name = this.#enabled ? this.#nameOf(text) : undefined;
    return { ...(name === undefined ? {} : { name }), text, values: [...parameters] };
  }

  /**
   * Whether an error says that prepared statements have to change, and the transaction can be run again once they have.
   * @returns what was done, in words for the log; null for any other error
   */
  recoverFrom(error: unknown): string | null {
    const code = error instanceof Error && 'code' in error ? error.code : undefined;
    // "cached plan must not change result type": a migration has changed a table since the statement was prepared.
    if (code === '0A000' && (error as Error).message.includes('cached plan')) {
      this.#names.clear();
      this.#generation += 1;
      return 'a table has changed, statements are prepared anew';
    }
    // A connection lacks what was prepared on it, or has what was not: there is a pooler in between.
    if (this.#enabled && (code === '26000' || code === '42P05')) {
      this.#enabled = false;
      return 'a pooler loses prepared statements, doing without';
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
