import type { Enrolment, OrgId } from '@spinbay/contracts';
import { readUnscoped, type Store } from '../store/store.ts';

export interface OrganizationLine {
  readonly id: OrgId;
  readonly name: string;
  readonly enrolment: Enrolment;
}

/** Every organization of this installation, by name: for whoever runs it. */
export function listOrganizations(store: Store): Promise<OrganizationLine[]> {
  return readUnscoped(store, { name: 'app.list_organizations', value: 'on' }, async (client) => {
    const { rows } = await client.query<OrganizationLine>(
      'select id, name, enrolment from organizations order by name, id',
    );
    return rows;
  });
}

/** Every organization of this installation: for the reconciler, which then visits them one by one. */
export function listOrganizationIds(store: Store): Promise<OrgId[]> {
  return readUnscoped(store, { name: 'app.list_organizations', value: 'on' }, async (client) => {
    const { rows } = await client.query<{ id: OrgId }>('select id from organizations order by id');
    return rows.map((row) => row.id);
  });
}
