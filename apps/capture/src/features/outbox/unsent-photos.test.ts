import type { OutboxItem, UploadState } from '@spinbay/outbox';
import { expect, test } from 'vitest';
import { hasUnsentPhotos } from './unsent-photos.ts';

const has = (upload: UploadState, kind: OutboxItem['kind'] = 'photo') =>
  hasUnsentPhotos({
    items: [
      { id: 'events', kind: 'events', upload: { state: 'waiting' } },
      { id: 'a', kind, upload },
    ],
  });

test('photos that wait or are being sent are unsent; stuck and sent ones and other items are not', () => {
  expect(has({ state: 'waiting' })).toBe(true);
  expect(has({ state: 'sending', sent_bytes: 1, total_bytes: 2 })).toBe(true);
  expect(has({ state: 'uploaded' })).toBe(false);
  expect(has({ state: 'stuck', reason: 'refused' })).toBe(false);
  expect(has({ state: 'waiting' }, 'session')).toBe(false);
});
