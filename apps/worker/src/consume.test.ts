import { setTimeout as sleep } from 'node:timers/promises';
import type { Queue, QueueMessage } from '@spinbay/queue';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { eventually, isEmpty, startTestStack, type TestStack } from './testing.ts';

let stack: TestStack;
beforeAll(async () => {
  stack = await startTestStack();
});
beforeEach(() => stack.purge());
afterEach(() => stack?.rest());
afterAll(() => stack?.stop());

function gate() {
  let open = () => {};
  const opened = new Promise<void>((resolve) => {
    open = resolve;
  });
  return { open, opened };
}

const untilAborted = (signal: AbortSignal) =>
  new Promise<void>((_, reject) => signal.addEventListener('abort', () => reject(signal.reason), { once: true }));

/** The real queue. Records each completed call about messages. */
function recorded(queue: Queue, slowExtensionMs = 0) {
  const calls: string[] = [];
  const recording: Queue = {
    ...queue,
    receive: async (options) => {
      const messages = await queue.receive(options);
      if (messages.length > 0) calls.push(`receive ${messages.length}`);
      return messages;
    },
    changeVisibility: async (receipt, seconds) => {
      await sleep(slowExtensionMs);
      await queue.changeVisibility(receipt, seconds);
      calls.push(`hide ${seconds}`);
    },
    delete: async (receipt) => {
      await queue.delete(receipt);
      calls.push('delete');
    },
  };
  return { recording, calls };
}

test('keeps the other slots busy during a slow message', async () => {
  const slow = gate();
  const done: string[] = [];
  await stack.queue.send('slow');
  stack.work({
    work: async ({ body }) => {
      if (body === 'slow') await slow.opened;
      done.push(body);
    },
  });
  for (let k = 0; k < 8; k++) await stack.queue.send(`quick ${k}`);
  await eventually(() => done.length === 8);
  expect(done).not.toContain('slow');
  slow.open();
  await eventually(() => isEmpty(stack.queue));
  expect(done).toHaveLength(9);
});

test('receives as many messages as there are slots and processes them in parallel', async () => {
  const { recording, calls } = recorded(stack.queue);
  for (let k = 0; k < 7; k++) await stack.queue.send(`message ${k}`);
  const all = gate();
  let inWork = 0;
  let most = 0;
  stack.work({
    queue: recording,
    slots: 5,
    work: async () => {
      inWork += 1;
      most = Math.max(most, inWork);
      if (inWork === 5) all.open();
      await all.opened;
      inWork -= 1;
    },
  });
  await eventually(() => isEmpty(stack.queue));
  expect(most).toBe(5);
  expect(calls[0]).toBe('receive 5');
  expect(calls.filter((call) => call === 'delete')).toHaveLength(7);
});

test('hides a message while it is processed and deletes it only afterwards', async () => {
  const { recording, calls } = recorded(stack.queue);
  const counts: number[] = [];
  const work = async ({ receiveCount }: QueueMessage) => {
    counts.push(receiveCount);
    await sleep(2_700);
    calls.push('worked');
  };
  await stack.queue.send('longer than its visibility timeout');
  stack.work({ queue: recording, visibilitySeconds: 2, work });
  stack.work({ queue: recording, visibilitySeconds: 2, work });
  await eventually(() => calls.includes('delete'));
  // No call about the message follows its delete.
  await sleep(900);
  expect(counts).toEqual([1]);
  expect(calls.filter((call) => call === 'hide 2').length).toBeGreaterThan(1);
  expect(calls.indexOf('worked')).toBeGreaterThan(calls.indexOf('hide 2'));
  expect(calls.at(-1)).toBe('delete');
  expect(await isEmpty(stack.queue)).toBe(true);
});

test('waits for a running extension when the work ends', async () => {
  for (const outcome of ['done', 'failed'] as const) {
    const { recording, calls } = recorded(stack.queue, 500);
    await stack.queue.send(outcome);
    stack.work({
      queue: recording,
      slots: 1,
      visibilitySeconds: 2,
      work: async (message) => {
        if (message.receiveCount > 1) return;
        await sleep(900);
        if (outcome === 'failed') throw new Error('of the test');
      },
    });
    await eventually(() => calls.includes('delete'));
    await stack.rest();
    const expected = outcome === 'done' ? ['hide 2', 'delete'] : ['hide 2', 'hide 0', 'receive 1', 'delete'];
    expect(calls).toEqual(['receive 1', ...expected]);
  }
});

test('delivers a failing message three times and then moves it to the dead-letter queue', async () => {
  const counts: number[] = [];
  await stack.queue.send('poison');
  await stack.queue.send('good');
  stack.work({
    work: async ({ body, receiveCount }) => {
      if (body === 'good') return;
      counts.push(receiveCount);
      throw new Error('of the test');
    },
  });
  await eventually(async () => (await stack.deadLetters.depth()).visible === 1);
  expect(counts).toEqual([1, 2, 3]);
  expect(await isEmpty(stack.queue)).toBe(true);
});

test('increases the retry delay with each failure', async () => {
  const { recording, calls } = recorded(stack.queue);
  await stack.queue.send('fails');
  stack.work({ queue: recording, retrySeconds: 5, work: () => Promise.reject(new Error('of the test')) });
  for (const seconds of [5, 30, 60]) {
    await eventually(() => calls.includes(`hide ${seconds}`));
    expect((await stack.queue.depth()).visible).toBe(0);
    await stack.showHidden();
  }
});

test('empties the queue in one run, including messages sent meanwhile', async () => {
  for (let k = 0; k < 5; k++) await stack.queue.send(`message ${k}`);
  await stack.queue.send('poison');
  const done: string[] = [];
  await stack.runOnce({
    slots: 3,
    work: async ({ body }) => {
      if (body === 'poison') throw new Error('of the test');
      if (body === 'message 2') await stack.queue.send('of message 2');
      done.push(body);
    },
  });
  expect(done.sort()).toEqual([...Array.from({ length: 5 }, (_, k) => `message ${k}`), 'of message 2']);
  expect(await isEmpty(stack.queue)).toBe(true);
  expect((await stack.deadLetters.depth()).visible).toBe(1);
});

test('finishes the work in flight during a drain and receives no more', async () => {
  const slow = gate();
  const begun: string[] = [];
  await stack.queue.send('first');
  const consumer = stack.work({
    slots: 1,
    work: async ({ body }) => {
      begun.push(body);
      await slow.opened;
    },
  });
  await eventually(() => begun.length === 1);
  await stack.queue.send('second');
  const drained = consumer.drain(30_000);
  slow.open();
  await drained;
  expect(begun).toEqual(['first']);
  expect(await stack.queue.depth()).toEqual({ visible: 1, inFlight: 0, delayed: 0 });
});

test('processes messages that a poll receives at the start of a drain', async () => {
  const polled = gate();
  const { recording, calls } = recorded(stack.queue);
  const slow: Queue = {
    ...recording,
    receive: async (options) => {
      const messages = await recording.receive(options);
      polled.open();
      await sleep(50);
      options.signal?.throwIfAborted();
      return messages;
    },
  };
  await stack.queue.send('on its way');
  const consumer = stack.work({ queue: slow, work: async () => {} });
  await polled.opened;
  await consumer.drain(10_000);
  expect(calls).toEqual(['receive 1', 'delete']);
});

test('aborts the work and releases its messages when the grace period of a drain ends', async () => {
  let begun = 0;
  await stack.queue.send('a');
  await stack.queue.send('b');
  const consumer = stack.work({
    // Both slots are busy, and the drain does not wait for a free one.
    slots: 2,
    retrySeconds: 60,
    work: (_, signal) => {
      begun += 1;
      return untilAborted(signal);
    },
  });
  await eventually(() => begun === 2);
  await consumer.drain(50);
  expect(await stack.queue.depth()).toEqual({ visible: 2, inFlight: 0, delayed: 0 });
});

test('ends a drain even if the work ignores its signal', async () => {
  const stubborn = gate();
  let begun = false;
  await stack.queue.send('stubborn');
  const consumer = stack.work({
    work: () => {
      begun = true;
      return stubborn.opened;
    },
  });
  await eventually(() => begun);
  await consumer.drain(0);
  expect(await stack.queue.depth()).toEqual({ visible: 0, inFlight: 1, delayed: 0 });
  stubborn.open();
  await eventually(() => isEmpty(stack.queue));
});

test('loses no message when the queue is down during work', async () => {
  const away = gate();
  const done: string[] = [];
  await stack.queue.send('before');
  const consumer = stack.work({
    work: async ({ body, receiveCount }) => {
      if (receiveCount === 1 && body === 'before') await away.opened;
      done.push(`${body} ${receiveCount}`);
    },
  });
  await eventually(async () => (await stack.queue.depth()).inFlight === 1);
  await stack.stopCloud();
  away.open();
  await eventually(() => done.length === 1);
  // The delete fails, because the queue is down.
  await sleep(1_000);
  await stack.startCloud();
  await stack.queue.send('after');
  await stack.showHidden();
  await eventually(() => isEmpty(stack.queue));
  expect(done.sort()).toEqual(['after 1', 'before 1', 'before 2']);
  await consumer.drain(1_000);
});
