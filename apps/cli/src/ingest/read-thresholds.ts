import { ApiError, type Client } from '@spinbay/client';
import type { QcThresholds } from '@spinbay/contracts';
import { retry } from './retry.ts';

/** @returns the thresholds of the organization; null from a server that does not have the route yet */
export async function readThresholds(client: Client): Promise<QcThresholds | null> {
  try {
    return (await retry(() => client.getQcThresholds())).body.thresholds;
  } catch (error) {
    if (error instanceof ApiError && error.status === 404) return null;
    throw error;
  }
}
