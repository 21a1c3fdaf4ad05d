import { fail, type SiteId } from '@spinbay/contracts';
import { type Actor, recordEvent } from '../events/record-event.ts';
import { newId } from '../new-id.ts';
import { lockOrganization } from '../organizations/organization.ts';
import { build, type OrgTx } from '../store/org-tx.ts';

/** Adds a site. No person gets access to it. Devices that are not restricted to sites can shoot there. */
export async function createSite(tx: OrgTx, name: string, actor: Actor) {
  await lockOrganization(tx);
  if (await nameIsTaken(tx, name)) return fail('site_name_taken');
  const id = newId<SiteId>();
  const site = await tx.first(
    build.insertInto('sites').values({ org_id: tx.orgId, id, name }).returning(['id', 'name', 'created_at']),
  );
  if (site === undefined) throw new Error('a site was not inserted');
  await recordEvent(tx, { entityType: 'site', entityId: id, type: 'site.created', meta: { name }, actor });
  return { site };
}

/** Renames a site of the organization. The same name changes nothing. */
export async function renameSite(tx: OrgTx, id: SiteId, name: string, actor: Actor) {
  await lockOrganization(tx);
  const current = await tx.first(
    build.selectFrom('sites').select(['id', 'name', 'created_at']).where(tx.ofOrg('sites')).where('id', '=', id),
  );
  if (current === undefined) return fail('site_not_found');
  if (current.name === name) return { site: current };
  if (await nameIsTaken(tx, name)) return fail('site_name_taken');
  await tx.run(build.updateTable('sites').set({ name }).where(tx.ofOrg('sites')).where('id', '=', id));
  const meta = { name: { from: current.name, to: name } };
  await recordEvent(tx, { entityType: 'site', entityId: id, type: 'site.renamed', meta, actor });
  return { site: { ...current, name } };
}

async function nameIsTaken(tx: OrgTx, name: string): Promise<boolean> {
  const row = await tx.first(build.selectFrom('sites').select('id').where(tx.ofOrg('sites')).where('name', '=', name));
  return row !== undefined;
}
