import type { OutboxState } from '@spinbay/outbox';

/** How many photos the app still has to send. Stuck ones wait for the operator instead. */
export function unsentPhotos({ items }: Pick<OutboxState, 'items'>): number {
  return items.filter(
    ({ kind, upload }) => kind === 'photo' && (upload.state === 'waiting' || upload.state === 'sending'),
  ).length;
}
