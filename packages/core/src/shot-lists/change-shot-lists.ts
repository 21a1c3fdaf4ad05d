import { fail, maxShotLists, type ShotListId, type Stills } from '@spinbay/contracts';
import { sql } from 'kysely';
import { type Actor, recordEvent } from '../events/record-event.ts';
import { newId } from '../new-id.ts';
import { lockOrganization } from '../organizations/organization.ts';
import { build, type OrgTx } from '../store/org-tx.ts';
import { shotListColumns } from './list-shot-lists.ts';

export interface ShotListContent {
  readonly name: string;
  readonly shots: Stills;
}

/** Adds a saved shot list. Locks the organization, because names are unique and the number of lists is limited. */
export async function createShotList(tx: OrgTx, { name, shots }: ShotListContent, actor: Actor) {
  await lockOrganization(tx);
  const known = await tx.run(
    build.selectFrom('shot_lists').select('name').where(tx.ofOrg('shot_lists')).limit(maxShotLists),
  );
  if (known.some((list) => list.name === name)) return fail('shot_list_name_taken');
  if (known.length >= maxShotLists) return fail('shot_list_limit_reached');
  const id = newId<ShotListId>();
  const list = await tx.first(
    build
      .insertInto('shot_lists')
      .values({ org_id: tx.orgId, id, name, shots: JSON.stringify(shots) })
      .returning(shotListColumns),
  );
  if (list === undefined) throw new Error('a shot list was not inserted');
  const meta = { name, shots: shots.length };
  await recordEvent(tx, { entityType: 'shot_list', entityId: id, type: 'shot_list.created', meta, actor });
  return { list };
}

/**
 * Replaces the name and the shots of a saved shot list.
 * @param version the version that the caller has read. If it is not the current one, the change is refused.
 */
export async function replaceShotList(
  tx: OrgTx,
  id: ShotListId,
  { name, shots, version }: ShotListContent & { readonly version: number },
  actor: Actor,
) {
  await lockOrganization(tx);
  const current = await tx.first(
    build.selectFrom('shot_lists').select(shotListColumns).where(tx.ofOrg('shot_lists')).where('id', '=', id),
  );
  if (current === undefined) return fail('shot_list_not_found');
  if (current.version !== version) return fail('shot_list_changed');
  const namesake = await tx.first(
    build
      .selectFrom('shot_lists')
      .select('id')
      .where(tx.ofOrg('shot_lists'))
      .where('name', '=', name)
      .where('id', '<>', id),
  );
  if (namesake !== undefined) return fail('shot_list_name_taken');
  const list = await tx.first(
    build
      .updateTable('shot_lists')
      .set({ name, shots: JSON.stringify(shots), version: version + 1, updated_at: sql<Date>`now()` })
      .where(tx.ofOrg('shot_lists'))
      .where('id', '=', id)
      .returning(shotListColumns),
  );
  // Deleted in the meantime.
  if (list === undefined) return fail('shot_list_not_found');
  const meta = {
    name: current.name === name ? name : { from: current.name, to: name },
    shots: current.shots.length === shots.length ? shots.length : { from: current.shots.length, to: shots.length },
  };
  await recordEvent(tx, { entityType: 'shot_list', entityId: id, type: 'shot_list.changed', meta, actor });
  return { list };
}

export async function deleteShotList(tx: OrgTx, id: ShotListId, actor: Actor) {
  const deleted = await tx.first(
    build.deleteFrom('shot_lists').where(tx.ofOrg('shot_lists')).where('id', '=', id).returning('name'),
  );
  if (deleted === undefined) return fail('shot_list_not_found');
  const meta = { name: deleted.name };
  await recordEvent(tx, { entityType: 'shot_list', entityId: id, type: 'shot_list.deleted', meta, actor });
  return { deleted };
}
