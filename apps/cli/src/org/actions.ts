import { type DeviceId, type Enrolment, enrolUrl, showEnrolmentCode, type UserRole } from '@spinbay/contracts';
import {
  type Actor,
  changeUser,
  createEnrolmentCode,
  createOrganization,
  createSite,
  createUser,
  type DeviceRow,
  findUserByEmail,
  getOrganization,
  listDevices,
  listOrganizations,
  revokeDevice,
  updateOrganization,
} from '@spinbay/core';
import { CommandError } from '../terminal/command-error.ts';
import { findOrganization, findSites, orThrow } from './find.ts';
import type { Installation } from './installation.ts';

/** Whoever runs the server; the audit log has it as "system". */
const actor: Actor = { type: 'system' };

type Org = string | undefined;

export function list({ store }: Installation) {
  return listOrganizations(store);
}

export async function create({ store }: Installation, wanted: { name: string; enrolment: Enrolment; sites: string[] }) {
  if ((await listOrganizations(store)).some((line) => line.name === wanted.name))
    throw new CommandError(`There is an organization ${wanted.name} already.`);
  const { orgId } = await createOrganization(store, { ...wanted, sites: [...new Set(wanted.sites)], users: [] });
  const { sites, ...organization } = await store.forOrg(orgId, 'all').read((tx) => getOrganization(tx));
  return { ...organization, sites: sites.map(({ id, name }) => ({ id, name })) };
}

export async function addSite({ store }: Installation, org: Org, name: string) {
  const { id } = await findOrganization(store, org);
  return orThrow(await store.forOrg(id, 'all').transact((tx) => createSite(tx, name, actor))).site;
}

export interface Person {
  readonly email: string;
  readonly name?: string | undefined;
  readonly role?: UserRole | undefined;
  /** Left as they are when none are given. */
  readonly sites: readonly string[];
}

/** Lets a person in, also one that was shut out, with what is given; what is not stays as it is. */
export async function letIn({ store }: Installation, org: Org, { email, name, role, sites }: Person) {
  const { id } = await findOrganization(store, org);
  const outcome = await store.forOrg(id, 'all').transact(async (tx) => {
    const siteIds = await findSites(tx, sites);
    const known = await findUserByEmail(tx, email);
    if (known !== undefined) {
      const change = { name, role, siteIds: sites.length > 0 ? siteIds : undefined, disabled: false };
      return changeUser(tx, known.id, change, actor);
    }
    if (name === undefined || role === undefined)
      throw new CommandError(`${email} is new here: give --name and --role as well.`);
    return createUser(tx, { email, name, role, siteIds }, actor);
  });
  return orThrow(outcome).user;
}

export async function shutOut({ store }: Installation, org: Org, email: string) {
  const { id } = await findOrganization(store, org);
  const outcome = await store.forOrg(id, 'all').transact(async (tx) => {
    const known = await findUserByEmail(tx, email);
    if (known === undefined) throw new CommandError(`There is no ${email} in this organization.`);
    return changeUser(tx, known.id, { disabled: true }, actor);
  });
  return orThrow(outcome).user;
}

export interface Code {
  readonly label: string | undefined;
  /** Seconds. */
  readonly lifetime: number;
  readonly sites: readonly string[];
}

export async function makeCode({ store, api, capture }: Installation, org: Org, { label, lifetime, sites }: Code) {
  const { id: orgId } = await findOrganization(store, org);
  const made = orThrow(
    await store
      .forOrg(orgId, 'all')
      .transact(async (tx) => createEnrolmentCode(tx, { label, lifetime, siteIds: await findSites(tx, sites) }, actor)),
  );
  const code = showEnrolmentCode(made.code);
  return {
    id: made.id,
    code,
    label: made.label,
    site_ids: made.siteIds,
    expires_at: made.expiresAt,
    org_id: orgId,
    // Without the address of the API there is nothing that a phone could scan.
    enrol_url: api === undefined ? null : enrolUrl({ api, orgId, code, capture }),
  };
}

export async function setEnrolment({ store }: Installation, org: Org, enrolment: Enrolment) {
  const { id } = await findOrganization(store, org);
  return store.forOrg(id, 'all').transact((tx) => updateOrganization(tx, { enrolment }, actor));
}

export async function setKeepGps({ store }: Installation, org: Org, keepGps: boolean) {
  const { id } = await findOrganization(store, org);
  return store.forOrg(id, 'all').transact((tx) => updateOrganization(tx, { keep_gps: keepGps }, actor));
}

/** All devices with the names of the sites that they are bound to. */
export async function devices({ store }: Installation, org: Org) {
  const { id } = await findOrganization(store, org);
  const tenant = store.forOrg(id, 'all');
  const { sites } = await tenant.read((tx) => getOrganization(tx));
  const found: DeviceRow[] = [];
  for (;;) {
    const { items } = await tenant.read((tx) => listDevices(tx, { limit: 200, offset: found.length }));
    found.push(...items);
    if (items.length < 200) break;
  }
  const nameOf = new Map(sites.map((site) => [site.id, site.name]));
  return found.map((device) => ({ ...device, sites: device.site_ids.map((site) => nameOf.get(site) ?? site) }));
}

export async function revoke({ store }: Installation, org: Org, deviceId: DeviceId) {
  const { id } = await findOrganization(store, org);
  return orThrow(await store.forOrg(id, 'all').transact((tx) => revokeDevice(tx, deviceId, actor))).device;
}
