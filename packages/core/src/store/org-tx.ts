import type { OrgId, SiteId } from '@spinbay/contracts';
import {
  type CompiledQuery,
  DummyDriver,
  Kysely,
  PostgresAdapter,
  PostgresIntrospector,
  PostgresQueryCompiler,
  type RawBuilder,
  sql,
} from 'kysely';
import type { PoolClient } from 'pg';
import { isOrg } from './of-org.ts';
import type { PreparedStatements } from './prepared-statements.ts';
import type { Database } from './schema.ts';

/** Builds queries; it has no connection, so that nothing runs but through a transaction that names its tenant. */
export const build = new Kysely<Database>({
  dialect: {
    createAdapter: () => new PostgresAdapter(),
    createDriver: () => new DummyDriver(),
    createIntrospector: (db) => new PostgresIntrospector(db),
    createQueryCompiler: () => new PostgresQueryCompiler(),
  },
});

/** A statement of the query builder or of a `sql` template. */
export interface Query<Row> {
  compile(builder: typeof build): CompiledQuery<Row>;
}

/** @throws Error for a statement that does not name the tenant: row-level security is the second lock, not the only one */
export function compileFor<Row>(orgId: OrgId, query: Query<Row>): CompiledQuery<Row> {
  const compiled = query.compile(build);
  if (!compiled.parameters.includes(orgId))
    throw new Error(`a statement without its org_id was refused: ${compiled.sql}`);
  return compiled;
}

/** The sites that the caller may see: all of the organization (devices, the worker), or those listed in a user's token. */
export type SiteScope = 'all' | readonly SiteId[];

/** The conditions that statements are written with, in a running transaction or in one that is about to begin. */
export interface Terms {
  /** The condition that every statement carries for every table it reads or changes: `alias.org_id = <this tenant>`. */
  ofOrg(alias: string): RawBuilder<boolean>;
  /** The condition that a row belongs to a site which the caller may see. */
  ofVisibleSite(column: string): RawBuilder<boolean>;
}

/** One running transaction of one organization. Only `Store.forOrg` makes them; queries are written in this package. */
export class OrgTx implements Terms {
  readonly orgId: OrgId;
  readonly sites: SiteScope;
  readonly #client: PoolClient;
  readonly #statements: PreparedStatements;

  constructor(orgId: OrgId, sites: SiteScope, client: PoolClient, statements: PreparedStatements) {
    this.orgId = orgId;
    this.sites = sites;
    this.#client = client;
    this.#statements = statements;
  }

  ofOrg(alias: string) {
    return isOrg(`${alias}.org_id`, this.orgId);
  }

  /** The same for a column of another name, `organizations.id`. */
  isOrg(column: string) {
    return isOrg(column, this.orgId);
  }

  ofVisibleSite(column: string) {
    if (this.sites === 'all') return sql<boolean>`true`;
    return sql<boolean>`${sql.ref(column)} = any(${[...this.sites]}::uuid[])`;
  }

  /** Runs a statement. @throws Error for one that does not name the tenant */
  async run<Row>(query: Query<Row>): Promise<Row[]> {
    const { sql: text, parameters } = compileFor(this.orgId, query);
    const result = await this.#client.query(text, [...parameters]);
    return result.rows as Row[];
  }

  /**
   * The same for what every poll and every frame runs: prepared once on a connection, which halves the database's work.
   * Only for statements of one text whose plan is the same for every tenant and every value.
   */
  async runPrepared<Row>(query: Query<Row>): Promise<Row[]> {
    const result = await this.#client.query(this.#statements.query(compileFor(this.orgId, query)));
    return result.rows as Row[];
  }

  async first<Row>(query: Query<Row>): Promise<Row | undefined> {
    return (await this.run(query))[0];
  }
}
