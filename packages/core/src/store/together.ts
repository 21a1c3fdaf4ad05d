import type { CompiledQuery } from 'kysely';
import pg, { type PoolClient } from 'pg';

/**
 * Statements that go to the database in one string and one round trip. Each is prepared once on its connection and then
 * executed by name, which spares PostgreSQL more than half of the work of a short transaction: reading and planning it.
 */

/** What was prepared on a connection: the name of each statement by its text. */
const preparedOn = new WeakMap<PoolClient, Map<string, string>>();
/** On one connection; what comes beyond is sent as it is. */
const mostPrepared = 50;

/** `begin read only` and the like, or a statement whose parameters are all texts. */
export type Part = string | CompiledQuery;

/**
 * @param prepares false behind a pooler that hands a connection's prepared statements to others
 * @returns one result for each part
 */
export async function sendTogether(
  client: PoolClient,
  parts: readonly Part[],
  prepares: boolean,
): Promise<pg.QueryResult[]> {
  const names = prepares ? await prepare(client, parts) : new Map<string, string>();
  const lines = parts.map((part) => (typeof part === 'string' ? part : asText(part, names.get(part.sql))));
  const results: pg.QueryResult | pg.QueryResult[] = await client.query(lines.join(';'));
  return Array.isArray(results) ? results : [results];
}

/** Whether a connection lacks what was prepared on it, or has what was not: there is a pooler in between. */
export function isPooled(error: unknown): boolean {
  return error instanceof Error && 'code' in error && (error.code === '26000' || error.code === '42P05');
}

async function prepare(client: PoolClient, parts: readonly Part[]): Promise<ReadonlyMap<string, string>> {
  const names = preparedOn.get(client) ?? new Map<string, string>();
  preparedOn.set(client, names);
  for (const part of parts) {
    if (typeof part === 'string' || names.has(part.sql) || names.size === mostPrepared) continue;
    const name = `together_${names.size}`;
    await client.query(`prepare ${name} as ${part.sql}`);
    names.set(part.sql, name);
  }
  return names;
}

function asText({ sql: text, parameters }: CompiledQuery, name: string | undefined): string {
  const literals = parameters.map((value) => {
    if (typeof value !== 'string') throw new Error(`only texts can be written into a statement: ${text}`);
    return pg.escapeLiteral(value);
  });
  if (name !== undefined) return `execute ${name}${literals.length === 0 ? '' : `(${literals.join(',')})`}`;
  return text.replace(/\$(\d+)/g, (_, place) => literals[Number(place) - 1] ?? '');
}
