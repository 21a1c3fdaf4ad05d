import type { Queue, QueueMessage } from './queue.ts';

/** Nobody else sees a message while it is looked at. */
const visibilitySeconds = 60;

/**
 * Takes the messages of a dead-letter queue one batch after the other, until there are no more.
 * @param look is called with each; its message is released afterwards unless it was deleted
 * @returns how many there were
 */
export async function visitDeadLetters(
  dead: Queue,
  look: (message: QueueMessage) => Promise<'keep' | 'deleted'>,
): Promise<number> {
  const kept = new Map<string, QueueMessage>();
  let seen = 0;
  try {
    for (;;) {
      // A wait asks all servers of SQS; without one it may miss some.
      const messages = await dead.receive({ max: 10, waitSeconds: 1, visibilitySeconds });
      // One that comes a second time was kept for longer than a minute.
      const fresh = messages.filter(({ id }) => !kept.has(id));
      for (const message of messages) kept.set(message.id, message);
      if (fresh.length === 0) return seen;
      for (const message of fresh) {
        seen += 1;
        if ((await look(message)) === 'deleted') kept.delete(message.id);
      }
    }
  } finally {
    await Promise.allSettled([...kept.values()].map(({ receiptHandle }) => dead.changeVisibility(receiptHandle, 0)));
  }
}

/**
 * Moves every dead letter back to its queue. Sent first and deleted then: what is interrupted between the two is delivered
 * twice, which a worker finds done.
 * @returns how many were moved
 */
export async function redriveDeadLetters(dead: Queue, queue: Queue): Promise<number> {
  // What fails again meanwhile comes back here: it is not moved a second time.
  const before = Date.now();
  let moved = 0;
  await visitDeadLetters(dead, async ({ body, receiptHandle, sentAt }) => {
    if (sentAt.getTime() > before) return 'keep';
    await queue.send(body);
    await dead.delete(receiptHandle);
    moved += 1;
    return 'deleted';
  });
  return moved;
}
