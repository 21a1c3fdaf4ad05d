import type { OrgId } from '@spinbay/contracts';
import { type RawBuilder, sql } from 'kysely';

/**
 * The first of the two locks between tenants: every statement has a condition on the organization, which only this file
 * creates. The second lock is row-level security. The tests also run with each lock alone: the project `rls-alone` replaces
 * this file with `testing/no-org-conditions.ts`.
 */

/** @param column with the id of an organization */
export function isOrg(column: string, orgId: OrgId): RawBuilder<boolean> {
  return sql<boolean>`${sql.ref(column)} = ${orgId}`;
}
