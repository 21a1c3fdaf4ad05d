/** The queue of an installation on the local server. */
export const imageQueue = 'spinbay-images';

/** The name of the dead-letter queue of a queue. */
export function deadLetterQueueOf(name: string): string {
  return `${name}-dlq`;
}
