import { randomBytes } from 'node:crypto';
import { type DeviceId, type EnrolmentCode, type ErrorCode, fail, OrgId, type SiteId } from '@spinbay/contracts';
import { sql } from 'kysely';
import { recordEvent, recordRefusal } from '../events/record-event.ts';
import { newId } from '../new-id.ts';
import { build, type OrgTx } from '../store/org-tx.ts';
import type { Store } from '../store/store.ts';
import { type DeviceKey, nextSecret, proveDevice } from './prove-device.ts';
import { sha256 } from './secrets.ts';
import { tryEnrolmentCode, useEnrolmentCode } from './try-enrolment-code.ts';

export interface DeviceFacts {
  readonly platform: string;
  readonly model: string;
  readonly appVersion: string;
}

/**
 * Enrols a device: in an organization whose enrolment is open, or with a code, which may bind it to sites. A code that
 * is given has to be right in an open organization as well.
 * @param orgId as the device names it: here is where it is found to exist
 * @param key made by the client: the same request again is answered with the same device. Without it the server makes one.
 * @returns the device and its secret, of which the server keeps a hash only
 */
export async function enrolDevice(
  store: Store,
  orgId: string,
  facts: DeviceFacts,
  { key, code }: { key?: DeviceKey | undefined; code?: EnrolmentCode | undefined } = {},
) {
  const org = OrgId.parse(orgId);
  const outcome = await store.forOrg(org, 'all').transact(async (tx) => {
    const organization = await tx.first(
      build.selectFrom('organizations').select('enrolment').where(tx.isOrg('organizations.id')),
    );
    if (organization === undefined) return fail('org_unknown');
    const repeated = key === undefined ? undefined : await findEnrolled(tx, key);
    if (repeated !== undefined) return repeated;
    const fresh = key ?? { id: newId<DeviceId>(), secret: randomBytes(32).toString('base64url') };
    if (code === undefined) {
      if (organization.enrolment === 'open') return addDevice(tx, fresh, facts, null);
      return refuseEnrolment(tx, 'enrolment_code_required', facts, null);
    }
    const tried = await tryEnrolmentCode(tx, code);
    if (tried.refused !== null) return refuseEnrolment(tx, tried.refused, facts, tried.id);
    const device = await addDevice(tx, fresh, facts, tried);
    await useEnrolmentCode(tx, tried.id, device.deviceId);
    return device;
  });
  return 'refused' in outcome ? fail(outcome.refused) : outcome;
}

/** The device of an earlier request with this key. Two requests at once take turns here: the second finds the first's. */
async function findEnrolled(tx: OrgTx, key: DeviceKey) {
  await tx.run(sql`select pg_advisory_xact_lock(hashtextextended(${tx.orgId} || ${key.id}, 0))`);
  const proof = await proveDevice(tx, key);
  if (proof === 'unknown') return undefined;
  if (proof === 'proven') return { orgId: tx.orgId, deviceId: key.id, secret: key.secret };
  return refuseRefresh(tx, proof, key.id, true);
}

/** Not a `Failure`, which would roll back: the audit line and the count of tries stay. */
async function refuseEnrolment<Code extends ErrorCode>(
  tx: OrgTx,
  refused: Code,
  facts: DeviceFacts,
  codeId: string | null,
) {
  await recordRefusal(tx, {
    entityType: codeId === null ? 'organization' : 'enrolment_code',
    entityId: codeId ?? tx.orgId,
    type: 'device.enrolment_refused',
    meta: { reason: refused, platform: facts.platform, model: facts.model },
    actor: { type: 'system' },
  });
  return { refused };
}

async function addDevice(
  tx: OrgTx,
  { id: deviceId, secret }: DeviceKey,
  facts: DeviceFacts,
  by: { id: string; label: string | null; siteIds: readonly SiteId[] } | null,
) {
  await tx.run(
    build.insertInto('devices').values({
      org_id: tx.orgId,
      id: deviceId,
      platform: facts.platform,
      model: facts.model,
      app_version: facts.appVersion,
      name: by?.label ?? null,
      secret_sha256: sha256(secret),
      revoked_at: null,
    }),
  );
  const siteIds = by?.siteIds ?? [];
  if (siteIds.length > 0) {
    const access = siteIds.map((siteId) => ({ org_id: tx.orgId, device_id: deviceId, site_id: siteId }));
    await tx.run(build.insertInto('device_site_access').values(access));
  }
  await recordEvent(tx, {
    entityType: 'device',
    entityId: deviceId,
    type: 'device.enrolled',
    meta: {
      platform: facts.platform,
      model: facts.model,
      ...(by === null ? {} : { enrolment_code_id: by.id, site_ids: siteIds }),
    },
    actor: { type: 'device', id: deviceId },
  });
  return { orgId: tx.orgId, deviceId, secret };
}

/**
 * Proves a device by its secret, notes what it runs now, and gives it the next secret.
 * An unknown device and a wrong secret are the same answer: the ids of devices cannot be tried out.
 */
export async function refreshDevice(store: Store, orgId: string, key: DeviceKey, facts: DeviceFacts) {
  const org = OrgId.parse(orgId);
  const outcome = await store.forOrg(org, 'all').transact(async (tx) => {
    const proof = await proveDevice(tx, key);
    if (proof === 'unknown') return refuseRefresh(tx, 'device_secret_invalid', key.id, false);
    if (proof !== 'proven') return refuseRefresh(tx, proof, key.id, true);
    await tx.run(
      build
        .updateTable('devices')
        .set({ platform: facts.platform, model: facts.model, app_version: facts.appVersion, last_seen: sql`now()` })
        .where(tx.ofOrg('devices'))
        .where('id', '=', key.id),
    );
    return { orgId: org, deviceId: key.id, secret: await nextSecret(tx, key) };
  });
  return 'refused' in outcome ? fail(outcome.refused) : outcome;
}

async function refuseRefresh<Code extends ErrorCode>(tx: OrgTx, refused: Code, deviceId: DeviceId, known: boolean) {
  await recordRefusal(tx, {
    entityType: known ? 'device' : 'organization',
    entityId: known ? deviceId : tx.orgId,
    type: 'device.refresh_refused',
    meta: { reason: refused, device_id: deviceId },
    // Only who has a secret of the device is the device.
    actor: refused === 'device_revoked' ? { type: 'device', id: deviceId } : { type: 'system' },
  });
  return { refused };
}
