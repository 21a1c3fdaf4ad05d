import type { Queue, QueueMessage } from '@spinbay/queue';
import type { Logger } from '@spinbay/runtime';
import { collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';
import type { ConsumeOptions } from './consume.ts';

type Work = ConsumeOptions['work'];

export interface Metrics {
  readonly registry: Registry;
  /** Wraps work so that it is counted and timed. */
  watch(work: Work): Work;
}

/** The metrics of a worker and its queue. Each scrape reads the depth of the queue, and leaves it out if that fails. */
export function createMetrics(queue: Pick<Queue, 'depth' | 'deadLetterDepth'>, log: Logger): Metrics {
  const registry = new Registry();
  const registers = [registry];
  collectDefaultMetrics({ register: registry });
  const inWork = new Set<QueueMessage>();
  new Gauge({
    name: 'spinbay_queue_messages',
    help: 'Messages in the queue: visible (the backlog), in_flight (being processed), delayed, and dead (in the dead-letter queue)',
    labelNames: ['state'],
    registers,
    async collect() {
      this.reset();
      try {
        const [depth, dead] = await Promise.all([queue.depth(), queue.deadLetterDepth()]);
        this.set({ state: 'visible' }, depth.visible);
        this.set({ state: 'in_flight' }, depth.inFlight);
        this.set({ state: 'delayed' }, depth.delayed);
        if (dead !== null) this.set({ state: 'dead' }, dead);
      } catch (err) {
        log.warn({ err }, 'the depth of the queue cannot be read');
      }
    },
  });
  new Gauge({
    name: 'spinbay_worker_oldest_message_seconds',
    help: 'Age of the oldest message that this worker is processing, since it was sent. 0 if there is none. Waiting messages are younger',
    registers,
    collect() {
      const sent = [...inWork].map((message) => message.sentAt.getTime());
      this.set(sent.length === 0 ? 0 : Math.max(0, Date.now() - Math.min(...sent)) / 1000);
    },
  });
  new Gauge({
    name: 'spinbay_worker_messages_in_work',
    help: 'Messages that this worker is processing',
    registers,
    collect() {
      this.set(inWork.size);
    },
  });
  const waited = new Histogram({
    name: 'spinbay_worker_wait_seconds',
    help: 'Time from the sending of a message to its first receive',
    buckets: [0.1, 0.5, 1, 2.5, 5, 10, 30, 60, 300, 900, 3600],
    registers,
  });
  const took = new Histogram({
    name: 'spinbay_worker_message_seconds',
    help: 'Processing time by outcome: done, failed (delivered again, finally dead) or released (back to the queue at a stop)',
    labelNames: ['outcome'],
    buckets: [0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60],
    registers,
  });
  return {
    registry,
    watch: (work) => async (message, signal, log) => {
      const end = took.startTimer();
      inWork.add(message);
      if (message.receiveCount === 1) waited.observe(Math.max(0, Date.now() - message.sentAt.getTime()) / 1000);
      try {
        await work(message, signal, log);
        end({ outcome: 'done' });
      } catch (error) {
        end({ outcome: signal.aborted ? 'released' : 'failed' });
        throw error;
      } finally {
        inWork.delete(message);
      }
    },
  };
}
