import { join } from 'node:path';
import { OrgId, type SiteId } from '@spinbay/contracts';
import {
  createOrganization,
  findMemberships,
  listOrganizations,
  listSites,
  type NewOrganization,
  type Store,
  updateOrganization,
} from '@spinbay/core';
import { z } from 'zod';
import { readIfPresent, writePrivate } from './data-folder.ts';

/** The demo dealer. Its operator has access to one of its two sites. */
const demoDealer: NewOrganization = {
  name: 'Demo Motors',
  enrolment: 'open',
  sites: ['Studio North', 'Studio South'],
  users: [
    { email: 'admin@demo.test', name: 'Ada Admin', role: 'admin', sites: ['Studio North', 'Studio South'] },
    { email: 'reviewer@demo.test', name: 'Rita Reviewer', role: 'reviewer', sites: ['Studio North', 'Studio South'] },
    { email: 'operator@demo.test', name: 'Omar Operator', role: 'operator', sites: ['Studio North'] },
  ],
};

/** A second dealer on the same installation, to try the isolation of tenants. */
const otherDealer: NewOrganization = {
  name: 'Other Cars',
  enrolment: 'open',
  sites: ['Elsewhere'],
  users: [{ email: 'admin@other.test', name: 'Olga Other', role: 'admin', sites: ['Elsewhere'] }],
};

export const demoPeople = [...demoDealer.users, ...otherDealer.users];

export interface DemoOrganization {
  readonly orgId: OrgId;
  readonly siteIds: SiteId[];
}

interface DemoOptions {
  /** The data folder, which remembers the organizations that a start created. */
  readonly dataDir: string;
  /** Whether to create what was never created here. */
  readonly create: boolean;
  /** Whether devices need a code to enrol, because other machines can reach the installation. */
  readonly closed: boolean;
}

/** The ids of the organizations that a start created, by the email address of their administrator. */
const Created = z.record(z.string(), OrgId);

/**
 * Finds the demo organizations, and creates those that were never created. It does not create an erased one again.
 * @param store of the role that owns the tables
 * @returns the demo dealer, or null if it does not exist
 */
export async function prepareDemo(store: Store, options: DemoOptions): Promise<DemoOrganization | null> {
  const file = join(options.dataDir, 'demo-organizations.json');
  const created: z.output<typeof Created> = (await readIfPresent(file, Created)) ?? {};
  const prepare = async (dealer: NewOrganization) => {
    const email = dealer.users[0]?.email ?? '';
    const known = created[email] ?? (await findMemberships(store, email))[0]?.orgId;
    if (known === undefined && !options.create) return null;
    const orgId = known ?? (await createOrganization(store, dealer)).orgId;
    if (created[email] === undefined) {
      created[email] = orgId;
      await writePrivate(file, created);
    }
    // An organization that somebody erased is hidden at once.
    if (!(await listOrganizations(store)).some(({ id }) => id === orgId)) return null;
    const org = store.forOrg(orgId, 'all');
    if (options.closed) await org.transact((tx) => updateOrganization(tx, { enrolment: 'code' }, { type: 'system' }));
    const sites = await org.read((tx) => listSites(tx));
    return { orgId, siteIds: sites.map((site) => site.id) };
  };
  await prepare(otherDealer);
  return prepare(demoDealer);
}
