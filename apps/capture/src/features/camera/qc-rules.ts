import type { Client } from '@spinbay/client';
import { QcThresholds } from '@spinbay/contracts';
import type { KeyValueStore } from '../../platform/platform.tsx';
import { StoredReply } from '../stored-reply.ts';

/** The thresholds by which this device judges its photos. An older server lacks the route. */
export type QcRules = StoredReply<QcThresholds>;

/** @param installation the thresholds that apply until the server has sent those of the organization */
export function openQcRules(
  store: KeyValueStore,
  client: Pick<Client, 'getQcThresholds'>,
  installation: QcThresholds,
): Promise<QcRules> {
  // A later server may have a profile that this app does not know.
  const load = async () => QcThresholds.safeParse((await client.getQcThresholds()).body.thresholds).data;
  return StoredReply.open(store, { key: 'qc-thresholds', type: QcThresholds, initial: installation, load });
}
