import { expect, test } from 'vitest';
import { visitDeadLetters } from './dead-letters.ts';
import type { Queue, QueueMessage } from './queue.ts';

/** A queue that hands out these batches in turn. The last one repeats. */
function queueOf(...batches: string[][]): { queue: Queue; released: string[] } {
  const released: string[] = [];
  const messageOf = (id: string): QueueMessage => ({
    ...{ id, body: '', receiptHandle: id, receiveCount: 1, sentAt: new Date(0) },
  });
  const queue = {
    receive: async () => (batches.length > 1 ? (batches.shift() ?? []) : (batches[0] ?? [])).map(messageOf),
    changeVisibility: async (handle: string) => void released.push(handle),
  };
  return { queue: queue as unknown as Queue, released };
}

async function visited(queue: Queue): Promise<string[]> {
  const ids: string[] = [];
  await visitDeadLetters(queue, async ({ id }) => {
    ids.push(id);
    return 'keep';
  });
  return ids;
}

test('visits messages that arrive after kept ones have arrived again', async () => {
  const { queue, released } = queueOf(['a', 'b'], ['a', 'b'], ['c'], []);
  expect(await visited(queue)).toEqual(['a', 'b', 'c']);
  expect(released).toEqual(['a', 'b', 'c']);
});

test('ends if only kept messages arrive', async () => {
  const { queue } = queueOf(['a', 'b'], ['c'], ['a', 'b', 'c']);
  expect(await visited(queue)).toEqual(['a', 'b', 'c']);
});
