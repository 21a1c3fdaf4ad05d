import type { OrgId } from '@spinbay/contracts';
import { readUnscoped, type Store } from '../store/store.ts';

/** Every organization of this installation: for the reconciler, which then visits them one by one. */
export function listOrganizationIds(store: Store): Promise<OrgId[]> {
  return readUnscoped(store, { name: 'app.list_organizations', value: 'on' }, async (client) => {
    const { rows } = await client.query<{ id: OrgId }>('select id from organizations order by id');
    return rows.map((row) => row.id);
  });
}
