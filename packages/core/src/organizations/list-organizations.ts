import type { Enrolment, OrgId } from '@spinbay/contracts';
import { readUnscoped, type Store } from '../store/store.ts';

export interface OrganizationLine {
  readonly id: OrgId;
  readonly name: string;
  readonly enrolment: Enrolment;
}

/** All organizations of this installation, by name, for its operator. Row-level security hides those that are being erased. */
export function listOrganizations(store: Store): Promise<OrganizationLine[]> {
  return readUnscoped(store, { name: 'app.list_organizations', value: 'on' }, async (client) => {
    const { rows } = await client.query<OrganizationLine>(
      'select id, name, enrolment from organizations order by name, id',
    );
    return rows;
  });
}

/** All organizations of this installation, for the reconciler, which processes them one by one. */
export function listOrganizationIds(store: Store): Promise<OrgId[]> {
  return readUnscoped(store, { name: 'app.list_organizations', value: 'on' }, async (client) => {
    const { rows } = await client.query<{ id: OrgId }>('select id from organizations order by id');
    return rows.map((row) => row.id);
  });
}
