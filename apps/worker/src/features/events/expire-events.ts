import * as core from '@spinbay/core';
import type { Logger } from '@spinbay/runtime';
import { forEachOrganization } from '../../for-each-organization.ts';

/** The most events per organization and round. A backlog takes several rounds. */
const maxPerRound = 5_000;

export async function expireEvents(store: core.Store, days: number, signal: AbortSignal, log: Logger): Promise<void> {
  await forEachOrganization(store, signal, log, async (tenant) => {
    await tenant.transact((tx) => core.expireEvents(tx, days, maxPerRound));
  });
}
