import type { Queue, QueueMessage } from './queue.ts';

/** How long a message stays hidden after it is received. */
const visibilitySeconds = 60;

/**
 * Receives the messages of a dead-letter queue in batches until none arrives. At the end, releases the messages that `visit`
 * did not delete.
 * @param visit called once with each message. It returns `deleted` if it has deleted the message.
 * @returns the number of messages visited
 */
export async function visitDeadLetters(
  dead: Queue,
  visit: (message: QueueMessage) => Promise<'keep' | 'deleted'>,
): Promise<number> {
  const kept = new Map<string, QueueMessage>();
  let seen = 0;
  let repeated = 0;
  try {
    for (;;) {
      // A long poll queries all servers of SQS. A short poll may miss messages.
      const messages = await dead.receive({ max: 10, waitSeconds: 1, visibilitySeconds });
      // A message that was kept for more than a minute is received again.
      const fresh = messages.filter(({ id }) => !kept.has(id));
      for (const message of messages) kept.set(message.id, message);
      repeated = fresh.length === 0 ? repeated + messages.length : 0;
      // Kept messages may arrive again before others arrive for the first time. In a long queue they never stop arriving, so
      // the visit ends when there were more repeats than kept messages.
      if (messages.length === 0 || repeated > kept.size) return seen;
      for (const message of fresh) {
        seen += 1;
        if ((await visit(message)) === 'deleted') kept.delete(message.id);
      }
    }
  } finally {
    await Promise.allSettled([...kept.values()].map(({ receiptHandle }) => dead.changeVisibility(receiptHandle, 0)));
  }
}

/**
 * Moves every dead letter back to its queue. Sends first and then deletes. An interruption in between delivers a message
 * twice, which is harmless because workers are idempotent.
 * @returns the number of moved messages
 */
export async function redriveDeadLetters(dead: Queue, queue: Queue): Promise<number> {
  // A message that fails again meanwhile comes back with the id that `send` returned. It is not moved a second time.
  const moved = new Set<string>();
  await visitDeadLetters(dead, async ({ id, body, receiptHandle }) => {
    if (moved.has(id)) return 'keep';
    moved.add(await queue.send(body));
    await dead.delete(receiptHandle);
    return 'deleted';
  });
  return moved.size;
}
