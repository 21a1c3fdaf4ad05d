import { fail, type UserId } from '@spinbay/contracts';
import { sql } from 'kysely';
import { type Actor, recordEvent } from '../events/record-event.ts';
import { anotherAdminExists } from '../identity/administer-users.ts';
import { lockOrganization } from '../organizations/organization.ts';
import { build, type OrgTx } from '../store/org-tx.ts';

/**
 * Erases the data of a person immediately and permanently: name and email address, access to sites, tokens, and the details
 * of the audit log about them. Their actions still refer to the row, which is now anonymous.
 */
export async function eraseUser(tx: OrgTx, id: UserId, actor: Actor) {
  await lockOrganization(tx);
  const user = await tx.first(
    build
      .selectFrom('users')
      .select(['id', 'role', 'invitation', 'disabled_at'])
      .where(tx.ofOrg('users'))
      .where('id', '=', id),
  );
  if (user === undefined) return fail('user_not_found');
  if (user.role === 'admin' && user.disabled_at === null && !(await anotherAdminExists(tx, user)))
    return fail('last_admin');
  await tx.run(sql`select erase_person(${id}) where ${tx.orgId}::uuid is not null`);
  await recordEvent(tx, { entityType: 'user', entityId: id, type: 'user.erased', actor });
  return { done: true };
}
