import { setMaxListeners } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Queue, QueueMessage } from '@spinbay/queue';
import type { Logger } from '@spinbay/runtime';
import { extendVisibility } from './extend-visibility.ts';

export interface ConsumeOptions {
  readonly queue: Queue;
  /** The number of messages that are processed at once. */
  readonly slots: number;
  /** The visibility timeout of a received message. It is extended while the message is processed. */
  readonly visibilitySeconds: number;
  /**
   * The delay before a failed message is delivered again, in seconds. Each further failure makes it six times as long, up
   * to a minute.
   */
  readonly retrySeconds: number;
  /**
   * Processes a message. If it returns, the message is deleted. If it throws, the message is delivered again, and moved to
   * the dead-letter queue after the queue's maximum number of deliveries. Should end soon after the signal aborts.
   */
  readonly work: (message: QueueMessage, signal: AbortSignal, log: Logger) => Promise<void>;
  readonly log: Logger;
}

export interface Consumer {
  /**
   * Stops polling and resolves when the work in flight has ended. After `graceMs`, the rest is aborted and its messages
   * are released.
   */
  drain(graceMs: number): Promise<void>;
}

/** The longest wait that SQS allows. A message ends it early. */
const pollSeconds = 20;
/**
 * How long a drain waits for the running poll. An abort would delay messages in transit: they would stay hidden until their
 * visibility timeout expires, and one of their deliveries would be used up. Only an empty queue takes longer to answer.
 */
const lastPollMs = 200;
/** How long aborted work may take to end. Messages of slower work become visible when their visibility timeout expires. */
const windDownMs = 2_000;
const maxRetrySeconds = 60;

/** Starts the consumer. Its long polls receive at most one message per free slot, so that a slow image blocks no others. */
export function consume(options: ConsumeOptions): Consumer {
  const { queue, slots, visibilitySeconds, log } = options;
  const polling = new AbortController();
  const working = new AbortController();
  // Every request of every message adds a listener, so many listeners are not a leak.
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
      working.abort(new Error('the grace period is over'));
      await within(windDownMs, inFlight);
    },
  };
}

/**
 * Processes all visible messages, including those that become visible meanwhile. Resolves when a receive is empty and no
 * work is in flight. For tests: Amazon SQS may return no message although the queue has some.
 */
export async function runOnce(options: ConsumeOptions): Promise<void> {
  const { queue, slots, visibilitySeconds } = options;
  const inFlight = new Set<Promise<void>>();
  const never = new AbortController().signal;
  for (;;) {
    // Checked before the receive, which can miss messages that are released while it runs.
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
  // Stopped first: an extension after the delete would fail, and one after a release would undo it.
  await heartbeat.stop();
  await queue
    .delete(message.receiptHandle)
    .catch((err: unknown) => log.warn({ err }, 'processed but not deleted; the next delivery finds it done'));
}

async function release(
  { queue, retrySeconds }: ConsumeOptions,
  { body, receiptHandle, receiveCount }: QueueMessage,
  err: unknown,
  signal: AbortSignal,
  log: Logger,
): Promise<void> {
  const seconds = signal.aborted ? 0 : Math.min(maxRetrySeconds, retrySeconds * 6 ** (receiveCount - 1));
  if (signal.aborted) log.info('not finished in time; message released');
  else log.error({ err, body: body.slice(0, 2000), seconds }, 'failed; the message is delivered again');
  await queue
    .changeVisibility(receiptHandle, seconds)
    .catch((e: unknown) =>
      log.warn({ err: e }, 'not released; the message becomes visible when its visibility timeout expires'),
    );
}

/** Resolves when all promises are fulfilled, or after `ms`. They must not reject. */
async function within(ms: number, all: Iterable<Promise<void>>): Promise<void> {
  const over = new AbortController();
  await Promise.race([Promise.all(all), pause(ms, over.signal)]);
  over.abort();
}

/** Sleeps; an abort ends it early. */
function pause(ms: number, signal: AbortSignal): Promise<void> {
  return sleep(ms, undefined, { signal }).catch(() => undefined);
}
