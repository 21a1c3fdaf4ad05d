import type { Logger } from '@spinbay/runtime';
import type { ConsumeOptions } from './consume.ts';
import { repeat } from './repeat.ts';

interface ProtectionTimes {
  /** The pause between two checks of the work in flight. */
  readonly checkMs: number;
  /** The protection ends this long after the last message. Messages that follow each other closely cost no calls. */
  readonly idleMs: number;
  /** ECS ends a protection after this time, for example that of a worker that hangs. */
  readonly expiresInMinutes: number;
  readonly renewMs: number;
  readonly retryMs: number;
  /** The longest a call to the agent may take. */
  readonly callMs: number;
  /** The longest protection. Deployments wait for protected tasks, too, and a worker may have work all day. */
  readonly longestMs: number;
  /** The pause after the longest protection, in which ECS may stop the task. */
  readonly pauseMs: number;
}

const protectionTimes: ProtectionTimes = {
  checkMs: 1_000,
  idleMs: 15_000,
  expiresInMinutes: 10,
  renewMs: 5 * 60_000,
  retryMs: 30_000,
  callMs: 5_000,
  longestMs: 30 * 60_000,
  pauseMs: 60_000,
};

export interface TaskProtection {
  /** Wraps work so that its messages count as work in flight. */
  watch(work: ConsumeOptions['work']): ConsumeOptions['work'];
  stop(): Promise<void>;
}

/**
 * Asks ECS not to stop this task for a scale-in or a deployment while it has messages in flight. Work never waits for it: a
 * task that is stopped anyway drains, and its messages are delivered again.
 * @param agentUri the ECS_AGENT_URI that ECS sets in each container
 */
export function protectTask(agentUri: string, log: Logger, times = protectionTimes): TaskProtection {
  let inFlight = 0;
  let busyAt = 0;
  let held: { since: number; renewAt: number; expiresAt: number } | null = null;
  let waitUntil = 0;
  let failing = false;

  /** @returns whether ECS confirmed it */
  const put = async (enabled: boolean, signal: AbortSignal): Promise<boolean> => {
    try {
      await putState(agentUri, enabled, times, signal);
    } catch (err) {
      if (!failing && !signal.aborted) log.warn({ err, enabled }, 'the task protection was not changed; retrying');
      failing = true;
      waitUntil = Date.now() + times.retryMs;
      return false;
    }
    if (failing) log.info({ enabled }, 'the task protection can be changed again');
    failing = false;
    return true;
  };
  const check = async (signal: AbortSignal) => {
    const now = Date.now();
    if (inFlight > 0) busyAt = now;
    if (held !== null && now >= held.expiresAt) held = null;
    if (now < waitUntil) return;
    const isLong = held !== null && now - held.since >= times.longestMs;
    if (held !== null && (isLong || now - busyAt >= times.idleMs)) {
      if (!(await put(false, signal))) return;
      held = null;
      if (isLong) waitUntil = now + times.pauseMs;
    } else if (held === null ? inFlight > 0 : now >= held.renewAt) {
      if (!(await put(true, signal))) return;
      const expiresAt = now + times.expiresInMinutes * 60_000;
      held = { since: held?.since ?? now, renewAt: now + times.renewMs, expiresAt };
    }
  };
  const checking = repeat('protect', times.checkMs, check, log);

  return {
    watch: (work) => async (message, signal, messageLog) => {
      inFlight += 1;
      try {
        await work(message, signal, messageLog);
      } finally {
        inFlight -= 1;
        busyAt = Date.now();
      }
    },
    stop: checking.stop,
  };
}

/** @throws Error if the agent does not answer in time, or does not confirm the state */
async function putState(
  agentUri: string,
  enabled: boolean,
  { callMs, expiresInMinutes }: ProtectionTimes,
  signal: AbortSignal,
): Promise<void> {
  const reply = await fetch(`${agentUri}/task-protection/v1/state`, {
    method: 'PUT',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({
      ProtectionEnabled: enabled,
      ...(enabled ? { ExpiresInMinutes: expiresInMinutes } : {}),
    }),
    signal: AbortSignal.any([signal, AbortSignal.timeout(callMs)]),
  });
  const text = await reply.text();
  const confirms = () =>
    (JSON.parse(text) as { protection?: { ProtectionEnabled?: boolean } }).protection?.ProtectionEnabled === enabled;
  // The agent also answers 200 if ECS refuses: the reply then has a failure instead of a protection.
  if (!reply.ok || !confirms()) throw new Error(`the ECS agent answered ${reply.status}: ${text.slice(0, 500)}`);
}
