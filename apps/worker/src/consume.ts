import { setMaxListeners } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Queue, QueueMessage } from '@spinbay/queue';
import type { Logger } from '@spinbay/runtime';
import { extendVisibility } from './extend-visibility.ts';

export interface ConsumeOptions {
  readonly queue: Queue;
  /** Messages in work at once. */
  readonly slots: number;
  /** How long a received message stays hidden from others; extended while it is in work. */
  readonly visibilitySeconds: number;
  /**
   * After how many seconds a message that failed is delivered again: time for a passing fault to pass. Six times as long
   * at each further failure, at most a minute.
   */
  readonly retrySeconds: number;
  /**
   * Returning means done (the message is deleted); throwing means not done (it is delivered again, and moved to the
   * dead-letter queue after as many deliveries as the queue allows). It ends soon when the signal comes.
   */
  readonly work: (message: QueueMessage, signal: AbortSignal, log: Logger) => Promise<void>;
  readonly log: Logger;
}

export interface Consumer {
  /**
   * Polls no more, and resolves when the work in flight has ended. What is not done after `graceMs` is aborted and
   * released to the queue at once.
   */
  drain(graceMs: number): Promise<void>;
}

/** Longest wait of a poll that SQS allows; a message that comes meanwhile ends it. */
const pollSeconds = 20;
/**
 * So long a drain lets the poll under way end by itself. An abort would lose the messages that are on their way: hidden
 * until their visibility timeout ends, with one of their deliveries used up. Only an empty queue takes longer to answer.
 */
const lastPollMs = 200;
/** Time for aborted work to end by itself. What takes longer is left to the end of its visibility timeout. */
const windDownMs = 2_000;
const longestRetrySeconds = 60;

/** Starts the loop: long polls that ask for as many messages as there are free slots, so that a slow image never idles the others. */
export function consume(options: ConsumeOptions): Consumer {
  const { queue, slots, visibilitySeconds, log } = options;
  const polling = new AbortController();
  const working = new AbortController();
  // Every request of every message in work listens to it: many are no leak.
  setMaxListeners(0, working.signal);
  const inFlight = new Set<Promise<void>>();
  let draining = false;
  let wake = () => {};

  const take = (message: QueueMessage) => {
    const done = handle(options, message, working.signal).finally(() => {
      inFlight.delete(done);
      wake();
    });
    inFlight.add(done);
  };
  const loop = async () => {
    let failures = 0;
    while (!draining) {
      if (inFlight.size >= slots) {
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
        continue;
      }
      try {
        const max = Math.min(10, slots - inFlight.size);
        const wanted = { max, waitSeconds: pollSeconds, visibilitySeconds, signal: polling.signal };
        const messages = await queue.receive(wanted);
        if (failures > 0) log.info({ failures }, 'the queue answers again');
        failures = 0;
        for (const message of messages) take(message);
      } catch (error) {
        if (polling.signal.aborted) return;
        failures += 1;
        if (failures === 1) log.error({ err: error }, 'the queue cannot be polled; retrying');
        await pause(Math.min(10_000, 250 * 2 ** failures), polling.signal);
      }
    }
  };
  const looping = loop();

  return {
    drain: async (graceMs) => {
      draining = true;
      wake();
      const lastPoll = setTimeout(() => polling.abort(new Error('draining')), lastPollMs);
      await looping;
      clearTimeout(lastPoll);
      await within(graceMs, inFlight);
      if (inFlight.size === 0) return;
      working.abort(new Error('the grace time is over'));
      await within(windDownMs, inFlight);
    },
  };
}

/**
 * Processes what is visible in the queue, and what becomes visible meanwhile, and resolves when a receive finds nothing
 * and nothing is in work. For tests: the next line finds all done. (SQS itself may find nothing in a queue that has something.)
 */
export async function runOnce(options: ConsumeOptions): Promise<void> {
  const { queue, slots, visibilitySeconds } = options;
  const inFlight = new Set<Promise<void>>();
  const never = new AbortController().signal;
  for (;;) {
    // Before the receive: what is released while it is under way may come too late for it.
    const idle = inFlight.size === 0;
    const max = Math.min(10, slots - inFlight.size);
    const messages = max > 0 ? await queue.receive({ max, waitSeconds: 0, visibilitySeconds }) : [];
    for (const message of messages) {
      const done = handle(options, message, never).finally(() => inFlight.delete(done));
      inFlight.add(done);
    }
    if (messages.length > 0) continue;
    if (idle) return;
    if (inFlight.size > 0) await Promise.race(inFlight);
  }
}

async function handle(options: ConsumeOptions, message: QueueMessage, signal: AbortSignal): Promise<void> {
  const { queue, work } = options;
  const log = options.log.child({ message_id: message.id, receive_count: message.receiveCount });
  const heartbeat = extendVisibility(queue, message.receiptHandle, options.visibilitySeconds, log);
  try {
    await work(message, signal, log);
  } catch (error) {
    await heartbeat.stop();
    await release(options, message, error, signal, log);
    return;
  }
  // Only now: an extension that arrives after the delete, or after the message was released, would undo it.
  await heartbeat.stop();
  await queue
    .delete(message.receiptHandle)
    .catch((err: unknown) => log.warn({ err }, 'done, but not deleted: it is delivered again and found done'));
}

async function release(
  { queue, retrySeconds }: ConsumeOptions,
  { body, receiptHandle, receiveCount }: QueueMessage,
  err: unknown,
  signal: AbortSignal,
  log: Logger,
): Promise<void> {
  const seconds = signal.aborted ? 0 : Math.min(longestRetrySeconds, retrySeconds * 6 ** (receiveCount - 1));
  if (signal.aborted) log.info('not done in time; released');
  else log.error({ err, body: body.slice(0, 2000), seconds }, 'not done; it is delivered again');
  await queue
    .changeVisibility(receiptHandle, seconds)
    .catch((e: unknown) => log.warn({ err: e }, 'not released; it is visible again when its visibility timeout ends'));
}

/** Resolves when all are done, or after `ms`. None of them rejects. */
async function within(ms: number, all: Iterable<Promise<void>>): Promise<void> {
  const over = new AbortController();
  await Promise.race([Promise.all(all), pause(ms, over.signal)]);
  over.abort();
}

/** Sleeps; an abort ends it early. */
function pause(ms: number, signal: AbortSignal): Promise<void> {
  return sleep(ms, undefined, { signal }).catch(() => undefined);
}
