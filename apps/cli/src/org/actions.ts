import {
  type DeviceId,
  type Enrolment,
  enrolUrl,
  type QcChoice,
  showEnrolmentCode,
  type UserRole,
} from '@spinbay/contracts';
import {
  type Actor,
  blockDevice,
  changeUser,
  createEnrolmentCode,
  createOrganization,
  createSite,
  createUser,
  type DeviceRow,
  findUserByEmail,
  getOrganization,
  getUsage,
  listDevices,
  listOrganizations,
  type Quotas,
  requestRejudgement,
  revokeDevice,
  setQuotas,
  unblockDevice,
  updateOrganization,
} from '@spinbay/core';
import { CommandError } from '../terminal/command-error.ts';
import { findOrganization, findSites, orThrow, requireSiteChoice } from './find.ts';
import type { Installation } from './installation.ts';

/** The operator of the server. The audit log shows "system". */
const actor: Actor = { type: 'system' };

type Org = string | undefined;

export function list({ store }: Installation) {
  return listOrganizations(store);
}

export async function create({ store }: Installation, wanted: { name: string; enrolment: Enrolment; sites: string[] }) {
  if ((await listOrganizations(store)).some((line) => line.name === wanted.name))
    throw new CommandError(`The organization ${wanted.name} already exists.`);
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
  /** Unchanged if empty. */
  readonly sites: readonly string[];
}

/** Adds or enables a person. Changes only the given properties of a known person. */
export async function putUser({ store }: Installation, org: Org, { email, name, role, sites }: Person) {
  const { id } = await findOrganization(store, org);
  const outcome = await store.forOrg(id, 'all').transact(async (tx) => {
    const siteIds = await findSites(tx, sites);
    const known = await findUserByEmail(tx, email);
    if (known !== undefined) {
      const change = { name, role, siteIds: sites.length > 0 ? siteIds : undefined, disabled: false };
      return changeUser(tx, known.id, change, actor);
    }
    if (name === undefined || role === undefined)
      throw new CommandError(`${email} is new in this organization. Give --name and --role too.`);
    return createUser(tx, { email, name, role, siteIds }, actor);
  });
  return orThrow(outcome).user;
}

export async function disableUser({ store }: Installation, org: Org, email: string) {
  const { id } = await findOrganization(store, org);
  const outcome = await store.forOrg(id, 'all').transact(async (tx) => {
    const known = await findUserByEmail(tx, email);
    if (known === undefined) throw new CommandError(`This organization has no person with the address ${email}.`);
    return changeUser(tx, known.id, { disabled: true }, actor);
  });
  return orThrow(outcome).user;
}

export interface Code {
  readonly label: string | undefined;
  /** In seconds. */
  readonly lifetime: number;
  readonly sites: readonly string[];
  readonly allSites: boolean;
}

export async function createCode(
  { store, api, capture }: Installation,
  org: Org,
  { label, lifetime, sites, allSites }: Code,
) {
  const { id: orgId } = await findOrganization(store, org);
  const made = orThrow(
    await store.forOrg(orgId, 'all').transact(async (tx) => {
      if (!allSites) await requireSiteChoice(tx, sites);
      return createEnrolmentCode(tx, { label, lifetime, allSites, siteIds: await findSites(tx, sites) }, actor);
    }),
  );
  const code = showEnrolmentCode(made.code);
  return {
    id: made.id,
    code,
    label: made.label,
    site_ids: made.siteIds,
    expires_at: made.expiresAt,
    org_id: orgId,
    // The link contains the address of the API.
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

export async function setAuditDays({ store }: Installation, org: Org, auditDays: number | null) {
  const { id } = await findOrganization(store, org);
  return store.forOrg(id, 'all').transact((tx) => updateOrganization(tx, { audit_days: auditDays }, actor));
}

/** @param all also judges existing frames; the worker does this from their stored figures */
export async function setQc({ store }: Installation, org: Org, choice: Partial<QcChoice>, all: boolean) {
  const { id } = await findOrganization(store, org);
  return store.forOrg(id, 'all').transact(async (tx) => {
    const { name, qc_profile, qc_edge_width_fail, qc_min_long_side } = await updateOrganization(tx, choice, actor);
    const frames = all ? (await requestRejudgement(tx, actor)).total : null;
    return { id, name, qc_profile, qc_edge_width_fail, qc_min_long_side, rejudged_frames: frames };
  });
}

/** Changes the given quotas, and reads what is used of them. */
export async function changeQuotas({ store }: Installation, org: Org, quotas: Partial<Quotas>) {
  const { id } = await findOrganization(store, org);
  return store.forOrg(id, 'all').transact(async (tx) => {
    await setQuotas(tx, quotas, actor);
    return { ...(await getOrganization(tx)), ...(await getUsage(tx)) };
  });
}

/** All devices. `sites` has the names of the sites of each. */
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

export async function block({ store }: Installation, org: Org, deviceId: DeviceId): Promise<DeviceRow> {
  const { id } = await findOrganization(store, org);
  return orThrow(await store.forOrg(id, 'all').transact((tx) => blockDevice(tx, deviceId, actor))).device;
}

export async function unblock({ store }: Installation, org: Org, deviceId: DeviceId): Promise<DeviceRow> {
  const { id } = await findOrganization(store, org);
  return orThrow(await store.forOrg(id, 'all').transact((tx) => unblockDevice(tx, deviceId, actor))).device;
}
