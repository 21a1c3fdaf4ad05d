import type { OutboxItem, UploadState } from '@spinbay/outbox';
import { expect, test } from 'vitest';
import { unsentPhotos } from './unsent-photos.ts';

const item = (upload: UploadState, kind: OutboxItem['kind'] = 'photo'): OutboxItem => ({ id: 'a', kind, upload });

test('photos that wait or are being sent count as unsent, stuck and sent ones and other items do not', () => {
  const sending: UploadState = { state: 'sending', sent_bytes: 1, total_bytes: 2 };
  const items = [
    item({ state: 'waiting' }),
    item(sending),
    item({ state: 'uploaded' }),
    item({ state: 'stuck', reason: 'refused' }),
    item({ state: 'waiting' }, 'session'),
    item({ state: 'waiting' }, 'events'),
  ];
  expect(unsentPhotos({ items })).toBe(2);
});
