import { type DeviceId, fail, type SiteId } from '@spinbay/contracts';
import { sql } from 'kysely';
import { changesOf } from '../events/changes.ts';
import { type Actor, recordEvent } from '../events/record-event.ts';
import { sitesExist } from '../sites/list-sites.ts';
import { build, type OrgTx } from '../store/org-tx.ts';
import { lockInstallation } from './devices.ts';

export interface DeviceRow {
  readonly id: DeviceId;
  readonly name: string | null;
  readonly model: string;
  readonly platform: string;
  readonly app_version: string;
  /** Empty: the device works at all sites of the organization. */
  readonly site_ids: SiteId[];
  readonly last_seen: Date;
  readonly revoked_at: Date | null;
  /** Equal for devices that the same installation of an app enrolled as. Null if the app sent no installation key. */
  readonly installation: string | null;
  readonly blocked_at: Date | null;
  readonly created_at: Date;
}

/** A page of the organization's devices, newest first, and their total number. */
export async function listDevices(tx: OrgTx, page: { limit: number; offset: number }) {
  const items = await tx.run(selectDevices(tx).orderBy('id', 'desc').limit(page.limit).offset(page.offset));
  const counted = await tx.first(
    sql<{ total: number }>`select count(*)::int as total from devices d where ${tx.ofOrg('d')}`,
  );
  return { items, total: counted?.total ?? 0 };
}

export interface DeviceChange {
  readonly name?: string | undefined;
  readonly siteIds?: readonly SiteId[] | undefined;
}

/** Changes the name of a device, or the sites that it is restricted to, effective from its next request. */
export async function changeDevice(tx: OrgTx, id: DeviceId, change: DeviceChange, actor: Actor) {
  const current = await lockDevice(tx, id);
  if (current === undefined) return fail('device_not_found');
  if (change.siteIds !== undefined && !(await sitesExist(tx, change.siteIds))) return fail('site_not_found');
  const before = { name: current.name, site_ids: [...current.site_ids].sort() };
  const after = { name: change.name ?? before.name, site_ids: [...(change.siteIds ?? before.site_ids)].sort() };
  const meta = changesOf(before, after);
  if (meta === null) return { device: current };
  await tx.run(build.updateTable('devices').set({ name: after.name }).where(tx.ofOrg('devices')).where('id', '=', id));
  if (meta.site_ids !== undefined) {
    await tx.run(
      build.deleteFrom('device_site_access').where(tx.ofOrg('device_site_access')).where('device_id', '=', id),
    );
    const access = after.site_ids.map((siteId) => ({ org_id: tx.orgId, device_id: id, site_id: siteId }));
    if (access.length > 0) await tx.run(build.insertInto('device_site_access').values(access));
  }
  await recordEvent(tx, { entityType: 'device', entityId: id, type: 'device.changed', meta, actor });
  return { device: { ...current, ...after } };
}

/** Revokes a device permanently. A repeated call changes nothing. */
export async function revokeDevice(tx: OrgTx, id: DeviceId, actor: Actor) {
  const current = await lockDevice(tx, id);
  if (current === undefined) return fail('device_not_found');
  if (current.revoked_at !== null) return { device: current };
  const revoked = await tx.first(
    build
      .updateTable('devices')
      .set({ revoked_at: sql<Date>`now()` })
      .where(tx.ofOrg('devices'))
      .where('id', '=', id)
      .returning('revoked_at'),
  );
  await recordEvent(tx, { entityType: 'device', entityId: id, type: 'device.revoked', actor });
  return { device: { ...current, revoked_at: revoked?.revoked_at ?? null } };
}

/** Revokes a device with all others of its installation, and refuses the installation from now on. */
export async function blockDevice(tx: OrgTx, id: DeviceId, actor: Actor) {
  const installation = await installationOf(tx, id);
  if (installation === undefined) return fail('device_not_found');
  if (installation === null) return fail('device_not_recognizable');
  await lockInstallation(tx, installation);
  const revoked = await tx.run(
    build
      .updateTable('devices')
      .set({ revoked_at: sql<Date>`coalesce(revoked_at, now())`, blocked_at: sql<Date>`now()` })
      .where(tx.ofOrg('devices'))
      .where('installation_sha256', '=', installation)
      .where('blocked_at', 'is', null)
      .returning('id'),
  );
  for (const { id: entityId } of revoked)
    await recordEvent(tx, { entityType: 'device', entityId, type: 'device.blocked', actor });
  return { device: await readDevice(tx, id) };
}

/** Lets the installation of a device enrol again. Its devices stay revoked. */
export async function unblockDevice(tx: OrgTx, id: DeviceId, actor: Actor) {
  const installation = await installationOf(tx, id);
  if (installation === undefined) return fail('device_not_found');
  if (installation !== null) await lockInstallation(tx, installation);
  const unblocked = await tx.run(
    build
      .updateTable('devices')
      .set({ blocked_at: null })
      .where(tx.ofOrg('devices'))
      .where('installation_sha256', '=', installation)
      .where('blocked_at', 'is not', null)
      .returning('id'),
  );
  for (const { id: entityId } of unblocked)
    await recordEvent(tx, { entityType: 'device', entityId, type: 'device.unblocked', actor });
  return { device: await readDevice(tx, id) };
}

/** The hash of the device's installation. Null: the app sent no installation key. Undefined: there is no such device. */
async function installationOf(tx: OrgTx, id: DeviceId): Promise<string | null | undefined> {
  const row = await tx.first(
    build.selectFrom('devices').select('installation_sha256').where(tx.ofOrg('devices')).where('id', '=', id),
  );
  return row?.installation_sha256;
}

async function readDevice(tx: OrgTx, id: DeviceId): Promise<DeviceRow> {
  const row = await tx.first(selectDevices(tx).where('id', '=', id));
  if (row === undefined) throw new Error('a device that was just written is missing');
  return row;
}

async function lockDevice(tx: OrgTx, id: DeviceId): Promise<DeviceRow | undefined> {
  await tx.run(
    build.selectFrom('devices').select('id').where(tx.ofOrg('devices')).where('id', '=', id).forNoKeyUpdate(),
  );
  return tx.first(selectDevices(tx).where('id', '=', id));
}

function selectDevices(tx: OrgTx) {
  return (
    build
      .selectFrom('devices')
      .select(['id', 'name', 'model', 'platform', 'app_version', 'last_seen', 'revoked_at', 'blocked_at', 'created_at'])
      // 16 digits are enough to distinguish the installations of one organization.
      .select(sql<string | null>`left(installation_sha256, 16)`.as('installation'))
      .select(
        sql<SiteId[]>`array(
        select a.site_id from device_site_access a where ${tx.ofOrg('a')} and a.device_id = devices.id order by a.site_id
      )`.as('site_ids'),
      )
      .where(tx.ofOrg('devices'))
  );
}
