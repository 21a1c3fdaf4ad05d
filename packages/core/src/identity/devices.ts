import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import { type DeviceId, fail, OrgId } from '@spinbay/contracts';
import { sql } from 'kysely';
import { recordEvent } from '../events/record-event.ts';
import { newId } from '../new-id.ts';
import { build } from '../store/org-tx.ts';
import type { Store } from '../store/store.ts';

export interface DeviceFacts {
  readonly platform: string;
  readonly model: string;
  readonly appVersion: string;
}

/**
 * Enrols a new device in an organization whose enrolment is open.
 * @param orgId as the device names it: here is where it is found to exist
 * @returns the device and its secret, which is kept here as a hash only
 */
export function enrolDevice(store: Store, orgId: string, facts: DeviceFacts) {
  const org = OrgId.parse(orgId);
  return store.forOrg(org, 'all').transact(async (tx) => {
    const organization = await tx.first(
      build.selectFrom('organizations').select('enrolment').where(tx.isOrg('organizations.id')),
    );
    if (organization === undefined) return fail('org_unknown');
    if (organization.enrolment !== 'open') return fail('enrolment_code_required');
    const deviceId = newId<DeviceId>();
    const secret = randomBytes(32).toString('base64url');
    await tx.run(
      build.insertInto('devices').values({
        org_id: org,
        id: deviceId,
        platform: facts.platform,
        model: facts.model,
        app_version: facts.appVersion,
        secret_sha256: sha256(secret),
        revoked_at: null,
      }),
    );
    await recordEvent(tx, {
      entityType: 'device',
      entityId: deviceId,
      type: 'device.enrolled',
      meta: { platform: facts.platform, model: facts.model },
      actor: { type: 'device', id: deviceId },
    });
    return { orgId: org, deviceId, secret };
  });
}

/**
 * Proves a device by the secret from its enrolment and notes what it runs now.
 * An unknown device and a wrong secret are the same answer: the ids of devices cannot be tried out.
 */
export function refreshDevice(
  store: Store,
  orgId: string,
  device: { id: DeviceId; secret: string },
  facts: DeviceFacts,
) {
  const org = OrgId.parse(orgId);
  return store.forOrg(org, 'all').transact(async (tx) => {
    const row = await tx.first(
      build
        .selectFrom('devices')
        .select(['secret_sha256', 'revoked_at'])
        .where(tx.ofOrg('devices'))
        .where('id', '=', device.id),
    );
    const given = Buffer.from(sha256(device.secret));
    if (row === undefined || !timingSafeEqual(given, Buffer.from(row.secret_sha256)))
      return fail('device_secret_invalid');
    if (row.revoked_at !== null) return fail('device_revoked');
    await tx.run(
      build
        .updateTable('devices')
        .set({ platform: facts.platform, model: facts.model, app_version: facts.appVersion, last_seen: sql`now()` })
        .where(tx.ofOrg('devices'))
        .where('id', '=', device.id),
    );
    return { orgId: org, deviceId: device.id, secret: undefined };
  });
}

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}
