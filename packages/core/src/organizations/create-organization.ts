import type { OrgId, SiteId, UserId, UserRole } from '@spinbay/contracts';
import { v7 } from 'uuid';
import { build } from '../store/org-tx.ts';
import type { Store } from '../store/store.ts';

export interface NewOrganization {
  readonly name: string;
  readonly enrolment: 'open' | 'code';
  readonly sites: readonly string[];
  /** `sites` names those of the organization's sites that the person may see. */
  readonly users: readonly { email: string; name: string; role: UserRole; sites: readonly string[] }[];
}

/**
 * Makes an organization with its sites and users, in one transaction.
 * @param store of the role that owns the tables: the role of API and worker may not do this
 */
export function createOrganization(
  store: Store,
  wanted: NewOrganization,
): Promise<{ orgId: OrgId; siteIds: SiteId[] }> {
  const orgId = v7() as OrgId;
  return store.forOrg(orgId, 'all').transact(async (tx) => {
    await tx.run(
      build.insertInto('organizations').values({ id: orgId, name: wanted.name, enrolment: wanted.enrolment }),
    );
    const sites = wanted.sites.map((name) => ({ org_id: orgId, id: v7() as SiteId, name }));
    await tx.run(build.insertInto('sites').values(sites));
    for (const { email, name, role, sites: visible } of wanted.users) {
      const id = v7() as UserId;
      await tx.run(
        build
          .insertInto('users')
          .values({ org_id: orgId, id, email: email.toLowerCase(), name, role, disabled_at: null }),
      );
      const access = sites
        .filter((site) => visible.includes(site.name))
        .map((site) => ({ org_id: orgId, user_id: id, site_id: site.id }));
      await tx.run(build.insertInto('user_site_access').values(access));
    }
    return { orgId, siteIds: sites.map((site) => site.id) };
  });
}
