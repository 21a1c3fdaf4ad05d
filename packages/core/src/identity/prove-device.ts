import { createHmac, randomBytes } from 'node:crypto';
import type { DeviceId } from '@spinbay/contracts';
import { sql } from 'kysely';
import { recordEvent } from '../events/record-event.ts';
import { build, type OrgTx } from '../store/org-tx.ts';
import { isSecret, sha256 } from './secrets.ts';

export interface DeviceKey {
  readonly id: DeviceId;
  readonly secret: string;
}

export type DeviceProof = 'proven' | 'unknown' | 'device_secret_invalid' | 'device_revoked';

/**
 * Compares a device's secret with the stored hashes and locks the row. The first use of the next secret ends the current one.
 * A later use of the old secret means that it was copied, and the device is revoked. The caller must commit even after a
 * refusal.
 */
export async function proveDevice(tx: OrgTx, { id, secret }: DeviceKey): Promise<DeviceProof> {
  const row = await tx.first(
    build
      .selectFrom('devices')
      .select(['secret_sha256', 'next_secret_sha256', 'previous_secret_sha256', 'revoked_at'])
      .where(tx.ofOrg('devices'))
      .where('id', '=', id)
      .forNoKeyUpdate(),
  );
  if (row === undefined) return 'unknown';
  const matches = (kept: string | null) => kept !== null && isSecret(secret, kept);
  const isCurrent = matches(row.secret_sha256);
  const isNext = matches(row.next_secret_sha256);
  const isPrevious = matches(row.previous_secret_sha256);
  if (!isCurrent && !isNext && !isPrevious) return 'device_secret_invalid';
  if (row.revoked_at !== null) return 'device_revoked';
  const change = (set: object) =>
    tx.run(build.updateTable('devices').set(set).where(tx.ofOrg('devices')).where('id', '=', id));
  if (isPrevious) {
    await change({ revoked_at: sql<Date>`now()` });
    const meta = { reason: 'an old secret was used again' };
    await recordEvent(tx, {
      entityType: 'device',
      entityId: id,
      type: 'device.revoked',
      meta,
      actor: { type: 'system' },
    });
    return 'device_revoked';
  }
  if (isNext) {
    await change({
      secret_sha256: row.next_secret_sha256,
      previous_secret_sha256: row.secret_sha256,
      next_secret_sha256: null,
      rotation_nonce: null,
    });
  }
  return 'proven';
}

/**
 * The secret that replaces this one at its first use. It is derived, so that repeated and concurrent requests of one device
 * get the same secret. Neither the old secret alone nor the stored data alone reveals it.
 * @param key of a device that was just verified
 */
export async function nextSecret(tx: OrgTx, { id, secret }: DeviceKey): Promise<string> {
  const row = await tx.first(
    build
      .updateTable('devices')
      .set({ rotation_nonce: sql<string>`coalesce(rotation_nonce, ${randomBytes(32).toString('base64url')})` })
      .where(tx.ofOrg('devices'))
      .where('id', '=', id)
      .returning('rotation_nonce'),
  );
  if (row?.rotation_nonce == null) throw new Error('a device that was just verified is missing');
  const next = createHmac('sha256', secret).update(row.rotation_nonce).digest('base64url');
  await tx.run(
    build
      .updateTable('devices')
      .set({ next_secret_sha256: sha256(next) })
      .where(tx.ofOrg('devices'))
      .where('id', '=', id),
  );
  return next;
}
