import type { DeviceId, EnrolmentCode, EnrolmentCodeId, SiteId } from '@spinbay/contracts';
import { sql } from 'kysely';
import { build, type OrgTx } from '../store/org-tx.ts';
import { isSecret } from './secrets.ts';

/** The number of wrong attempts that exhaust a code. The chance of guessing its 40 bits is at most 5 in 10^12. */
export const maxTries = 5;

/** A usable code, or why it is not usable. `id` is null if no code has this handle. */
export type TriedCode =
  | {
      readonly refused: 'enrolment_code_invalid' | 'enrolment_code_used' | 'enrolment_code_expired';
      readonly id: EnrolmentCodeId | null;
    }
  | {
      readonly refused: null;
      readonly id: EnrolmentCodeId;
      readonly label: string | null;
      readonly siteIds: readonly SiteId[];
    };

/**
 * Finds a code and locks it until the transaction ends, so that the second of two devices finds it used. Wrong secrets are
 * counted, so the caller must commit even after a refusal. The state of the code is returned only for the right secret
 * and while attempts are left.
 */
export async function tryEnrolmentCode(tx: OrgTx, { handle, secret }: EnrolmentCode): Promise<TriedCode> {
  const row = await tx.first(
    build
      .selectFrom('enrolment_codes')
      .select(['id', 'secret_sha256', 'label', 'site_ids', 'tries_left', 'used_at', 'revoked_at'])
      .select(sql<boolean>`expires_at <= now()`.as('expired'))
      .where(tx.ofOrg('enrolment_codes'))
      .where('handle', '=', handle)
      .forUpdate(),
  );
  if (row === undefined) return { refused: 'enrolment_code_invalid', id: null };
  if (row.tries_left === 0) return { refused: 'enrolment_code_invalid', id: row.id };
  if (!isSecret(secret, row.secret_sha256)) {
    await tx.run(
      build
        .updateTable('enrolment_codes')
        .set({ tries_left: row.tries_left - 1 })
        .where(tx.ofOrg('enrolment_codes'))
        .where('id', '=', row.id),
    );
    return { refused: 'enrolment_code_invalid', id: row.id };
  }
  if (row.used_at !== null) return { refused: 'enrolment_code_used', id: row.id };
  if (row.expired || row.revoked_at !== null) return { refused: 'enrolment_code_expired', id: row.id };
  return { refused: null, id: row.id, label: row.label, siteIds: row.site_ids };
}

export async function useEnrolmentCode(tx: OrgTx, id: EnrolmentCodeId, deviceId: DeviceId): Promise<void> {
  await tx.run(
    build
      .updateTable('enrolment_codes')
      .set({ used_at: sql<Date>`now()`, device_id: deviceId })
      .where(tx.ofOrg('enrolment_codes'))
      .where('id', '=', id),
  );
}
