import type { OrgId } from '@spinbay/contracts';
import { listOpenRejudgements, rejudgementFailed, rejudgeNextSession } from '@spinbay/core';
import type { Logger } from '@spinbay/runtime';
import { handleEach } from '../../handle-each.ts';
import type { ImageDeps } from '../images/process-image.ts';
import { isUnavailable } from '../images/retry-while-unavailable.ts';

/** The most sessions of one organization in a row. Then the next organization gets its turn. */
const sessionsPerTurn = 50;

const outcomes = {
  later: 'a later round retries it',
  left_out: 'they keep their verdicts, and the next session follows',
  gave_up: 'the rejudgement ended',
} as const;

/**
 * Judges frames again from their stored figures, for all organizations that requested it, one session per transaction.
 * If a worker is killed, nothing is lost: the next round continues after the last stored session.
 */
export async function rejudgeOpen(
  { store, qc }: Pick<ImageDeps, 'store' | 'qc'>,
  signal: AbortSignal,
  log: Logger,
): Promise<void> {
  let open = await listOpenRejudgements(store);
  while (open.length > 0) {
    const unfinished: OrgId[] = [];
    await handleEach(
      open,
      signal,
      async (orgId) => {
        const tenant = store.forOrg(orgId, 'all');
        try {
          let state: 'more' | 'idle' = 'more';
          for (let n = 0; n < sessionsPerTurn && state === 'more'; n++) {
            signal.throwIfAborted();
            state = await tenant.transact((tx) => rejudgeNextSession(tx, qc));
          }
          if (state === 'more') unfinished.push(orgId);
        } catch (error) {
          if (signal.aborted || isUnavailable(error)) throw error;
          const outcome = await tenant.transact((tx) => rejudgementFailed(tx));
          log.error({ err: error, org_id: orgId }, `frames of a session were not judged again; ${outcomes[outcome]}`);
        }
      },
      (error, orgId) => log.error({ err: error, org_id: orgId }, `no frames were judged again; ${outcomes.later}`),
    );
    open = unfinished;
  }
}
