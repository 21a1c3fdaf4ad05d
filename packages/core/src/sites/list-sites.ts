import type { SiteId } from '@spinbay/contracts';
import { build, type OrgTx } from '../store/org-tx.ts';

/** The sites that the caller may see, by name. */
export function listSites(tx: OrgTx): Promise<{ id: SiteId; name: string }[]> {
  return tx.run(
    build
      .selectFrom('sites')
      .select(['id', 'name'])
      .where(tx.ofOrg('sites'))
      .where(tx.ofVisibleSite('sites.id'))
      .orderBy('name')
      .limit(1000),
  );
}

/** Whether the site exists and the caller may see it. */
export async function siteIsVisible(tx: OrgTx, siteId: SiteId): Promise<boolean> {
  const row = await tx.first(
    build
      .selectFrom('sites')
      .select('id')
      .where(tx.ofOrg('sites'))
      .where(tx.ofVisibleSite('sites.id'))
      .where('id', '=', siteId),
  );
  return row !== undefined;
}

/** Whether all of these are sites of the organization, including those that the caller may not see. @param ids each once */
export async function sitesExist(tx: OrgTx, ids: readonly SiteId[]): Promise<boolean> {
  if (ids.length === 0) return true;
  const found = await tx.run(
    build
      .selectFrom('sites')
      .select('id')
      .where(tx.ofOrg('sites'))
      .where('id', 'in', [...ids]),
  );
  return found.length === ids.length;
}
