import type { Enrolment, OrgId, QcChoice, SiteId } from '@spinbay/contracts';
import { changesOf } from '../events/changes.ts';
import { type Actor, recordEvent } from '../events/record-event.ts';
import { build, type OrgTx } from '../store/org-tx.ts';

export interface OrganizationRow extends QcChoice {
  readonly id: OrgId;
  readonly name: string;
  readonly enrolment: Enrolment;
  readonly keep_gps: boolean;
  readonly audit_days: number | null;
  /** Null: no limit. */
  readonly quota_bytes: number | null;
  readonly quota_sessions_per_day: number | null;
  readonly created_at: Date;
  readonly sites: readonly { id: SiteId; name: string; created_at: Date }[];
}

/** The organization with all its sites, for administrators. It includes sites that the caller may not see. */
export async function getOrganization(tx: OrgTx): Promise<OrganizationRow> {
  const organization = await tx.first(
    build
      .selectFrom('organizations')
      .select(['id', 'name', 'enrolment', 'keep_gps', 'audit_days', 'created_at'])
      .select(['qc_profile', 'qc_edge_width_fail', 'qc_min_long_side', 'quota_bytes', 'quota_sessions_per_day'])
      .where(tx.isOrg('organizations.id')),
  );
  if (organization === undefined) throw new Error('the organization of the transaction is missing');
  const sites = await tx.run(
    build.selectFrom('sites').select(['id', 'name', 'created_at']).where(tx.ofOrg('sites')).orderBy('name').limit(1000),
  );
  const { quota_bytes } = organization;
  return { ...organization, quota_bytes: quota_bytes === null ? null : Number(quota_bytes), sites };
}

/** Whether GPS positions of photos are kept. False if the organization does not exist. */
export async function keepsGps(tx: OrgTx): Promise<boolean> {
  const row = await tx.first(build.selectFrom('organizations').select('keep_gps').where(tx.isOrg('organizations.id')));
  return row?.keep_gps ?? false;
}

export async function updateOrganization(
  tx: OrgTx,
  change: {
    name?: string | undefined;
    enrolment?: Enrolment | undefined;
    keep_gps?: boolean | undefined;
    audit_days?: number | null | undefined;
    qc_profile?: QcChoice['qc_profile'] | undefined;
    qc_edge_width_fail?: QcChoice['qc_edge_width_fail'] | undefined;
    qc_min_long_side?: QcChoice['qc_min_long_side'] | undefined;
  },
  actor: Actor,
): Promise<OrganizationRow> {
  await lockOrganization(tx);
  const current = await getOrganization(tx);
  const { name, enrolment, keep_gps, audit_days, qc_profile, qc_edge_width_fail, qc_min_long_side } = current;
  const before = { name, enrolment, keep_gps, audit_days, qc_profile, qc_edge_width_fail, qc_min_long_side };
  const after = {
    name: change.name ?? before.name,
    enrolment: change.enrolment ?? before.enrolment,
    keep_gps: change.keep_gps ?? before.keep_gps,
    audit_days: change.audit_days === undefined ? before.audit_days : change.audit_days,
    qc_profile: change.qc_profile === undefined ? before.qc_profile : change.qc_profile,
    qc_edge_width_fail: change.qc_edge_width_fail === undefined ? before.qc_edge_width_fail : change.qc_edge_width_fail,
    qc_min_long_side: change.qc_min_long_side === undefined ? before.qc_min_long_side : change.qc_min_long_side,
  };
  const meta = changesOf(before, after);
  if (meta === null) return current;
  await tx.run(build.updateTable('organizations').set(after).where(tx.isOrg('organizations.id')));
  const entityId = tx.orgId;
  await recordEvent(tx, { entityType: 'organization', entityId, type: 'organization.changed', meta, actor });
  return { ...current, ...after };
}

/**
 * Serializes changes that must keep a rule about several rows, for example that at least one administrator remains, or that
 * each site has a unique name. The lock is weaker than that of a deletion, so that sessions and events, which refer to the
 * organization, can be written at the same time.
 */
export async function lockOrganization(tx: OrgTx): Promise<void> {
  await tx.run(build.selectFrom('organizations').select('id').where(tx.isOrg('organizations.id')).forNoKeyUpdate());
}
