import type { LocalPhoto, UploadState } from '@spinbay/outbox';
import { expect, test } from 'vitest';
import { canSave } from './can-save.ts';

const photo = (upload: UploadState, has_original = true) => ({ upload, has_original }) as LocalPhoto;

test('a photo can be saved if it is stuck, if its upload has failed, or if the device is signed out', () => {
  expect(canSave(photo({ state: 'stuck', reason: 'refused' }), false)).toBe(true);
  expect(canSave(photo({ state: 'waiting', problem: 'The storage of your organization is full.' }), false)).toBe(true);
  expect(canSave(photo({ state: 'waiting' }), true)).toBe(true);
});

test('a photo that is just waiting, or is on its way, or has no file, cannot be saved', () => {
  expect(canSave(photo({ state: 'waiting' }), false)).toBe(false);
  expect(canSave(photo({ state: 'sending', sent_bytes: 1, total_bytes: 2 }), true)).toBe(false);
  expect(canSave(photo({ state: 'processed' }), true)).toBe(false);
  expect(canSave(photo({ state: 'stuck', reason: 'missing_bytes' }, false), false)).toBe(false);
});
