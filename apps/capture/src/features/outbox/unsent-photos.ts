import type { OutboxState } from '@spinbay/outbox';

/** Whether the app still has photos to send. Stuck ones wait for the operator instead. */
export function hasUnsentPhotos({ items }: Pick<OutboxState, 'items'>): boolean {
  return items.some(
    ({ kind, upload }) => kind === 'photo' && (upload.state === 'waiting' || upload.state === 'sending'),
  );
}
