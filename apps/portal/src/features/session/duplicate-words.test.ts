import { ApiError, ConnectionError } from '@spinbay/client';
import { type ErrorCode, errorTable } from '@spinbay/contracts';
import { expect, it } from 'vitest';
import { duplicateWords, framePath } from './duplicate-words.ts';
import { frame, id } from './testing.ts';

const refusal = (code: ErrorCode) => new ApiError({ type: 'about:blank', code, ...errorTable[code] }, null);

it('says where the same photo is', () => {
  const of = frame(2, { angle_deg: 15 });
  expect(duplicateWords({ data: frame(1, { angle_deg: 0 }), error: null }, of)).toBe(
    'The same photo as 0° of this session',
  );
  expect(duplicateWords({ data: frame(1, { session_id: id(998) }), error: null }, of)).toMatch(/in another session/);
});

it('says that the person may not see the photo only if the server says so', () => {
  const words = (error: unknown) => duplicateWords({ data: undefined, error }, frame(2));
  expect(words(refusal('image_not_found'))).toMatch(/may not see/);
  for (const error of [null, new ConnectionError('no answer'), refusal('unavailable')])
    expect(words(error)).toBe('Duplicate of an earlier photo');
});

it('names the frame by its id, because its slot may show another one', () => {
  expect(framePath(frame(1, { angle_deg: 0, superseded: true }))).toBe(`/sessions/${id(999)}?frame=${id(1)}`);
});
