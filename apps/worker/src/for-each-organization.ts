import type { OrgId } from '@spinbay/contracts';
import { listOrganizationIds, type OrgStore, type Store } from '@spinbay/core';
import type { Logger } from '@spinbay/runtime';
import { handleEach } from './handle-each.ts';

/**
 * Runs a step of the maintenance for each organization, even if it fails for some of them.
 * @throws as `handleEach`
 */
export async function forEachOrganization(
  store: Store,
  signal: AbortSignal,
  log: Logger,
  work: (tenant: OrgStore, orgId: OrgId) => Promise<void>,
): Promise<void> {
  await handleEach(
    await listOrganizationIds(store),
    signal,
    (orgId) => work(store.forOrg(orgId, 'all'), orgId),
    (error, orgId) =>
      log.error({ err: error, org_id: orgId }, 'the round failed for an organization; the next one retries'),
  );
}
