import { errorsOf, routes } from '@spinbay/contracts';
import type { OutboxApi, UploadState } from '@spinbay/outbox';
import { expect, test } from 'vitest';
import { de } from '../../texts/de.ts';
import { en } from '../../texts/en.ts';
import { stuckDetail, stuckWords, uploadWords } from './upload-words.ts';

test('a photo that waits says why, in the language of the operator', () => {
  const full = 'Your organization has used up its storage.';
  const upload: UploadState = { state: 'waiting', problem: full, cause: 'storage_quota_reached' };
  expect(uploadWords(upload, true, de)).toBe('wartet: Der Speicher deines Betriebs ist voll. Frage die Verwaltung.');
  expect(uploadWords(upload, true, en)).toMatch(/^waiting: The storage of your organization is full\./);
  expect(uploadWords(upload, false, de)).toBe('wartet');
});

test('a stuck photo says why, in the language of the operator', () => {
  const stuck = { reason: 'refused', detail: 'This photo is larger than 64 MiB.', cause: 'image_too_large' } as const;
  expect(uploadWords({ state: 'stuck', ...stuck }, true, de)).toBe(stuckWords(stuck, de));
  expect(stuckDetail(stuck, de)).toMatch(/^Das Foto ist zu groß\./);
});

test('a reason that is clear by itself gets no second text', () => {
  const other = '0197a2f4-0000-7000-8000-000000000001';
  expect(stuckDetail({ reason: 'duplicate', detail: other }, de)).toBeUndefined();
  expect(
    stuckDetail({ reason: 'missing_bytes', detail: 'The photo is no longer on this device.' }, de),
  ).toBeUndefined();
  expect(stuckDetail({ reason: 'session_closed' }, de)).toBeUndefined();
});

test('an unknown cause shows the message, also that of a photo from an earlier release', () => {
  const words = 'Der Grund ist: Too warm.';
  expect(stuckDetail({ reason: 'refused', detail: 'Too warm.' }, de)).toBe(words);
  expect(stuckDetail({ reason: 'refused', detail: 'Too warm.', cause: 'too_warm' as never }, de)).toBe(words);
  expect(uploadWords({ state: 'waiting', problem: 'Too warm.' }, true, de)).toBe(`wartet: ${words}`);
});

const calls = [
  'createSession',
  'getSession',
  'updateSession',
  'presignImage',
  'confirmUpload',
  'listImages',
] as const satisfies readonly (keyof OutboxApi)[];

// After a refused token the device signs in again, and that may fail for another reason.
test.each(calls)('there is a text for each refusal of %s', (call) => {
  const codes = errorsOf(routes[call]).filter((code) => code !== 'unauthenticated');
  for (const code of codes) expect(en.queue.causes).toHaveProperty(code);
});
