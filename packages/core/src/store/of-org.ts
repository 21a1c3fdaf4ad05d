import type { OrgId } from '@spinbay/contracts';
import { type RawBuilder, sql } from 'kysely';

/**
 * The first of the two locks between tenants: every statement says whose rows it means, here and nowhere else. The second
 * one is row-level security. The tests run with each of them alone as well: the project `rls-alone` has
 * `testing/no-org-conditions.ts` in place of this file.
 */

/** @param column that holds the id of an organization */
export function isOrg(column: string, orgId: OrgId): RawBuilder<boolean> {
  return sql<boolean>`${sql.ref(column)} = ${orgId}`;
}
