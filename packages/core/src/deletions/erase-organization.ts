import { fail } from '@spinbay/contracts';
import { sql } from 'kysely';
import { type Actor, recordEvent } from '../events/record-event.ts';
import { build, type OrgTx } from '../store/org-tx.ts';
import { addDeletion, type Erasure, removeDeletion, showHidden } from './deletion.ts';

/**
 * Ends all access to an organization immediately and schedules the erasure of its data.
 * @param name its exact name, as a confirmation
 */
export async function eraseOrganization(
  tx: OrgTx,
  { name, eraseAfter }: { name: string; eraseAfter: Date },
  actor: Actor,
) {
  // Waits for the announcements in progress (`lockStorageUse`), so that the statement below sees their URLs. Those that begin later
  // are refused.
  const organization = await tx.first(
    build.selectFrom('organizations').select('name').where(tx.isOrg('organizations.id')).forUpdate(),
  );
  if (organization === undefined) return fail('org_unknown');
  if (organization.name !== name) return fail('organization_name_differs');
  // Includes sessions that were erased before.
  await showHidden(tx, 'all');
  const counted = await tx.first(
    sql<{ photos: number; uploads_end_at: Date | null }>`
      select count(*)::int as photos, greatest(
        (select max(u.expires_at) + interval '10 minutes' from uploads u where ${tx.ofOrg('u')}),
        (select max(d.next_try_at) from deletions d where ${tx.ofOrg('d')} and d.state = 'erased' and d.attempts = 0)
      ) as uploads_end_at
      from images i where ${tx.ofOrg('i')}`,
  );
  // After the erasure no row shows that an upload belongs to erased data. The erasure therefore waits until no upload can arrive:
  // all URLs have expired, including those of photos that have already arrived, and an upload that started with the last URL has
  // ended. An erased session has no rows of uploads, but the first `next_try_at` of its deletion is this time.
  const latest = Math.max(eraseAfter.getTime(), counted?.uploads_end_at?.getTime() ?? 0);
  const erasure: Erasure = { photos: counted?.photos ?? 0, eraseAfter: new Date(latest) };
  await recordEvent(tx, { entityType: 'organization', entityId: tx.orgId, type: 'organization.erased', actor });
  await addDeletion(tx, { kind: 'organization', entityId: tx.orgId, siteId: null, eraseAfter: erasure.eraseAfter });
  await showHidden(tx, tx.orgId);
  await tx.run(build.updateTable('organizations').set({ erasing: true }).where(tx.isOrg('organizations.id')));
  return { erasure };
}

/** Cancels a scheduled erasure. Only the operator of the server can do this, because nobody else has access. */
export async function restoreOrganization(tx: OrgTx, actor: Actor) {
  const known = await tx.first(
    build
      .selectFrom('deletions')
      .select('id')
      .where(tx.ofOrg('deletions'))
      .where('kind', '=', 'organization')
      .where(sql<boolean>`erase_after > clock_timestamp()`)
      .forUpdate(),
  );
  if (known === undefined) return fail('org_unknown');
  await showHidden(tx, tx.orgId);
  await tx.run(build.updateTable('organizations').set({ erasing: false }).where(tx.isOrg('organizations.id')));
  await removeDeletion(tx, known.id);
  await recordEvent(tx, { entityType: 'organization', entityId: tx.orgId, type: 'organization.restored', actor });
  return { done: true };
}
