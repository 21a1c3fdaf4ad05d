import { randomInt } from 'node:crypto';
import {
  codeAlphabet,
  codeLengths,
  type DeviceId,
  type EnrolmentCode,
  type EnrolmentCodeId,
  type EnrolmentCodeState,
  fail,
  isFailure,
  type SiteId,
  type UserId,
} from '@spinbay/contracts';
import { sql } from 'kysely';
import { type Actor, recordEvent } from '../events/record-event.ts';
import { newId } from '../new-id.ts';
import { sitesExist } from '../sites/list-sites.ts';
import { build, type OrgTx } from '../store/org-tx.ts';
import { sha256 } from './secrets.ts';
import { maxTries } from './try-enrolment-code.ts';

export interface EnrolmentCodeRow {
  readonly id: EnrolmentCodeId;
  readonly label: string | null;
  readonly site_ids: SiteId[];
  readonly state: EnrolmentCodeState;
  readonly tries_left: number;
  readonly expires_at: Date;
  readonly created_at: Date;
  readonly created_by: UserId | null;
  readonly used_at: Date | null;
  readonly device_id: DeviceId | null;
}

export interface NewEnrolmentCode {
  readonly label?: string | undefined;
  /** The sites that the device will be restricted to. Empty: the only site of the organization, unless `allSites`. */
  readonly siteIds: readonly SiteId[];
  /** The device is not restricted to sites and can shoot at all of them. */
  readonly allSites: boolean;
  /** Seconds. */
  readonly lifetime: number;
}

/** Creates a code for one device. Only the result contains the code. The database stores its handle and a hash of its secret. */
export async function createEnrolmentCode(tx: OrgTx, wanted: NewEnrolmentCode, actor: Actor) {
  const siteIds = await chooseSites(tx, wanted);
  if (isFailure(siteIds)) return siteIds;
  const secret = randomText(codeLengths.secret);
  for (;;) {
    const code: EnrolmentCode = { handle: randomText(codeLengths.handle), secret };
    const row = await tx.first(
      build
        .insertInto('enrolment_codes')
        .values({
          org_id: tx.orgId,
          id: newId<EnrolmentCodeId>(),
          handle: code.handle,
          secret_sha256: sha256(secret),
          label: wanted.label ?? null,
          site_ids: siteIds,
          tries_left: maxTries,
          expires_at: sql<Date>`now() + make_interval(secs => ${wanted.lifetime})`,
          created_by: actor.type === 'user' ? (actor.id as UserId) : null,
        })
        // If one of the million possible handles is already in use, the loop tries another one.
        .onConflict((conflict) => conflict.columns(['org_id', 'handle']).doNothing())
        .returning(['id', 'expires_at']),
    );
    if (row === undefined) continue;
    await recordEvent(tx, {
      entityType: 'enrolment_code',
      entityId: row.id,
      type: 'enrolment_code.created',
      meta: { label: wanted.label ?? null, site_ids: siteIds, expires_at: row.expires_at.toISOString() },
      actor,
    });
    return { id: row.id, code, label: wanted.label ?? null, siteIds, expiresAt: row.expires_at };
  }
}

async function chooseSites(tx: OrgTx, { siteIds, allSites }: NewEnrolmentCode) {
  const chosen = [...new Set(siteIds)];
  if (allSites) return chosen.length === 0 ? [] : refuseSites('name sites, or choose all of them, not both');
  if (chosen.length > 0) return (await sitesExist(tx, chosen)) ? chosen : fail('site_not_found');
  const sites = await tx.run(build.selectFrom('sites').select('id').where(tx.ofOrg('sites')).orderBy('id').limit(2));
  const [only, ...others] = sites;
  if (only === undefined) return refuseSites('the organization has no site yet: add one, or choose all sites');
  return others.length === 0 ? [only.id] : refuseSites('the organization has several sites: name some, or choose all');
}

function refuseSites(message: string) {
  return fail('validation_failed', undefined, [{ path: 'body.site_ids', message }]);
}

/** A page of codes, newest first, and their total number. */
export async function listEnrolmentCodes(tx: OrgTx, page: { limit: number; offset: number }) {
  const items = await tx.run(selectCodes(tx).orderBy('id', 'desc').limit(page.limit).offset(page.offset));
  const counted = await tx.first(
    sql<{ total: number }>`select count(*)::int as total from enrolment_codes c where ${tx.ofOrg('c')}`,
  );
  return { items, total: counted?.total ?? 0 };
}

/** Withdraws an unused code. A used code stays unchanged. */
export async function revokeEnrolmentCode(tx: OrgTx, id: EnrolmentCodeId, actor: Actor) {
  const revoked = await tx.first(
    build
      .updateTable('enrolment_codes')
      .set({ revoked_at: sql<Date>`now()` })
      .where(tx.ofOrg('enrolment_codes'))
      .where('id', '=', id)
      .where('used_at', 'is', null)
      .where('revoked_at', 'is', null)
      .returning('id'),
  );
  if (revoked !== undefined)
    await recordEvent(tx, { entityType: 'enrolment_code', entityId: id, type: 'enrolment_code.revoked', actor });
  const code = await tx.first(selectCodes(tx).where('id', '=', id));
  return code === undefined ? fail('enrolment_code_not_found') : { code };
}

function selectCodes(tx: OrgTx) {
  return build
    .selectFrom('enrolment_codes')
    .select(['id', 'label', 'site_ids', 'tries_left', 'expires_at', 'created_at', 'created_by', 'used_at', 'device_id'])
    .select(
      sql<EnrolmentCodeState>`case
        when used_at is not null then 'used'
        when revoked_at is not null then 'revoked'
        when tries_left = 0 then 'exhausted'
        when expires_at <= now() then 'expired'
        else 'open' end`.as('state'),
    )
    .where(tx.ofOrg('enrolment_codes'));
}

function randomText(length: number): string {
  return Array.from({ length }, () => codeAlphabet[randomInt(codeAlphabet.length)]).join('');
}
