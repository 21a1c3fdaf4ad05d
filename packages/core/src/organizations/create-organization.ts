import type { OrgId, SiteId, UserId, UserRole } from '@spinbay/contracts';
import { recordEvent } from '../events/record-event.ts';
import { newId } from '../new-id.ts';
import { build } from '../store/org-tx.ts';
import type { Store } from '../store/store.ts';

export interface NewOrganization {
  readonly name: string;
  readonly enrolment: 'open' | 'code';
  readonly sites: readonly string[];
  /** `sites`: names of the sites that the person may see. */
  readonly users: readonly { email: string; name: string; role: UserRole; sites: readonly string[] }[];
}

/**
 * Creates an organization with its sites and users in one transaction.
 * @param store must use the owner of the tables: the role of API and worker may not do this
 */
export function createOrganization(
  store: Store,
  wanted: NewOrganization,
): Promise<{ orgId: OrgId; siteIds: SiteId[] }> {
  const orgId = newId<OrgId>();
  return store.forOrg(orgId, 'all').transact(async (tx) => {
    await tx.run(
      build.insertInto('organizations').values({ id: orgId, name: wanted.name, enrolment: wanted.enrolment }),
    );
    const sites = wanted.sites.map((name) => ({ org_id: orgId, id: newId<SiteId>(), name }));
    if (sites.length > 0) await tx.run(build.insertInto('sites').values(sites));
    for (const { email, name, role, sites: visible } of wanted.users) {
      const id = newId<UserId>();
      await tx.run(
        build.insertInto('users').values({
          org_id: orgId,
          id,
          email: email.toLowerCase(),
          name,
          role,
          disabled_at: null,
          invitation: 'accepted',
        }),
      );
      const access = sites
        .filter((site) => visible.includes(site.name))
        .map((site) => ({ org_id: orgId, user_id: id, site_id: site.id }));
      if (access.length > 0) await tx.run(build.insertInto('user_site_access').values(access));
    }
    await recordEvent(tx, {
      entityType: 'organization',
      entityId: orgId,
      type: 'organization.created',
      meta: { name: wanted.name, enrolment: wanted.enrolment, sites: wanted.sites },
      actor: { type: 'system' },
    });
    return { orgId, siteIds: sites.map((site) => site.id) };
  });
}
