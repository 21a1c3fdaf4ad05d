import type { DeviceId, OrgId, SiteId } from '@spinbay/contracts';
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
import { DeviceScope } from './visible-rows.ts';

/** Builds queries. It has no connection, so queries can only run in a transaction of a tenant. */
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

/** @throws Error for a statement that does not name the tenant, because row-level security is only the second lock */
export function compileFor<Row>(orgId: OrgId, query: Query<Row>): CompiledQuery<Row> {
  const compiled = query.compile(build);
  if (!compiled.parameters.includes(orgId))
    throw new Error(`a statement without its org_id was refused: ${compiled.sql}`);
  return compiled;
}

/** The sites that the caller may see: these, or all (for the worker and for unrestricted devices). */
export type SiteScope = 'all' | readonly SiteId[];

/** Conditions for statements, in a running transaction or in one that will start. */
export interface Conditions {
  /** The condition that every statement needs for each of its tables: `alias.org_id = <this tenant>`. */
  ofOrg(alias: string): RawBuilder<boolean>;
  /** The condition that a row belongs to a site that the caller may see. */
  ofVisibleSite(column: string): RawBuilder<boolean>;
  /** The condition that the caller may read the session with this alias. */
  ofVisibleSession(alias: string): RawBuilder<boolean>;
  /** The condition that the caller may read every frame of this session. Other readers of the session see only their own. */
  ofWholeSession(alias: string): RawBuilder<boolean>;
  /** The condition that the caller may read the image with this alias. */
  ofVisibleImage(alias: string): RawBuilder<boolean>;
}

/** The part of the caller that decides which rows are visible. */
interface Reader {
  readonly orgId: OrgId;
  readonly sites: SiteScope;
  /** Null: the caller is not a device. */
  readonly deviceId: DeviceId | null;
}

export function conditionsFor({ orgId, sites, deviceId }: Reader): Conditions {
  const ofVisibleSite = (column: string) => {
    if (sites === 'all') return sql<boolean>`true`;
    return sql<boolean>`${sql.ref(column)} = any(${[...sites]}::uuid[])`;
  };
  const device = deviceId === null ? null : new DeviceScope(orgId, deviceId);
  const ofVisible = (kind: 'session' | 'wholeSession' | 'image', alias: string) => {
    const ofSite = ofVisibleSite(`${alias}.site_id`);
    return device === null ? ofSite : sql<boolean>`(${ofSite} and ${device[kind](alias)})`;
  };
  return {
    ofOrg: (alias) => isOrg(`${alias}.org_id`, orgId),
    ofVisibleSite,
    ofVisibleSession: (alias) => ofVisible('session', alias),
    ofWholeSession: (alias) => ofVisible('wholeSession', alias),
    ofVisibleImage: (alias) => ofVisible('image', alias),
  };
}

/**
 * A running transaction of one organization. Only `Store.forOrg` and `Store.forCaller` create it, and only this package has
 * queries.
 */
export class OrgTx implements Conditions {
  readonly orgId: OrgId;
  readonly sites: SiteScope;
  /** Null: the caller is not a device. */
  readonly deviceId: DeviceId | null;
  readonly ofOrg: Conditions['ofOrg'];
  readonly ofVisibleSite: Conditions['ofVisibleSite'];
  readonly ofVisibleSession: Conditions['ofVisibleSession'];
  readonly ofWholeSession: Conditions['ofWholeSession'];
  readonly ofVisibleImage: Conditions['ofVisibleImage'];
  readonly #client: PoolClient;
  readonly #statements: PreparedStatements;

  constructor(reader: Reader, client: PoolClient, statements: PreparedStatements) {
    this.orgId = reader.orgId;
    this.sites = reader.sites;
    this.deviceId = reader.deviceId;
    const conditions = conditionsFor(reader);
    this.ofOrg = conditions.ofOrg;
    this.ofVisibleSite = conditions.ofVisibleSite;
    this.ofVisibleSession = conditions.ofVisibleSession;
    this.ofWholeSession = conditions.ofWholeSession;
    this.ofVisibleImage = conditions.ofVisibleImage;
    this.#client = client;
    this.#statements = statements;
  }

  /** Selects the ids of the sessions that the device may read. Null: the caller is not a device. */
  get deviceSessionIds(): RawBuilder<unknown> | null {
    return this.deviceId === null ? null : new DeviceScope(this.orgId, this.deviceId).sessionIds();
  }

  /** The condition that a column, such as `organizations.id`, names the organization. */
  isOrg(column: string) {
    return isOrg(column, this.orgId);
  }

  /** Runs a statement. @throws Error for one that does not name the tenant */
  async run<Row>(query: Query<Row>): Promise<Row[]> {
    const { sql: text, parameters } = compileFor(this.orgId, query);
    const result = await this.#client.query(text, [...parameters]);
    return result.rows as Row[];
  }

  /**
   * Runs a frequent statement, which is prepared once per connection. This halves the work of the database. Only for
   * statements with a constant text whose plan suits every tenant and every value.
   */
  async runPrepared<Row>(query: Query<Row>): Promise<Row[]> {
    const result = await this.#client.query(this.#statements.query(compileFor(this.orgId, query)));
    return result.rows as Row[];
  }

  async first<Row>(query: Query<Row>): Promise<Row | undefined> {
    return (await this.run(query))[0];
  }
}
