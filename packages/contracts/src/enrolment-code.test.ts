import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { codeAlphabet, EnrolmentCode, enrolUrl, showEnrolmentCode } from './enrolment-code.ts';

const characters = fc.constantFrom(...codeAlphabet);
const code = fc.record({
  handle: fc.string({ unit: characters, minLength: 4, maxLength: 4 }),
  secret: fc.string({ unit: characters, minLength: 8, maxLength: 8 }),
});

test('a displayed code can be parsed again', () => {
  fc.assert(
    fc.property(code, (parts) => {
      const shown = showEnrolmentCode(parts);
      expect(shown).toMatch(/^[0-9A-Z]{4}-[0-9A-Z]{4}-[0-9A-Z]{4}$/);
      expect(shown).not.toMatch(/[ILOU]/);
      expect(EnrolmentCode.parse(shown)).toEqual(parts);
    }),
  );
});

test('case, spaces and dashes do not matter, and characters that look alike are equal', () => {
  const parts = { handle: 'K710', secret: '3M9XTR2W' };
  for (const typed of ['K710-3M9X-TR2W', 'k7103m9xtr2w', ' K71O 3m9x tr2w ', 'k7io-3m9x-tr2w', 'K7l0--3M9X\tTR2W'])
    expect(EnrolmentCode.parse(typed)).toEqual(parts);
});

describe('a code is refused if it is', () => {
  test.each(['', 'K7QF', 'K7QF-3M9X-TR2', 'K7QF-3M9X-TR2WW', 'U7QF-3M9X-TR2W', 'K7QF_3M9X_TR2W', ' '.repeat(65)])(
    '%j',
    (typed) => expect(EnrolmentCode.safeParse(typed).success).toBe(false),
  );
});

test('a QR code contains the API, the organization and the code', () => {
  const url = new URL(enrolUrl({ api: 'https://a.example/x?y', orgId: 'o', code: 'K7QF-3M9X-TR2W' }));
  expect(`${url.protocol}//${url.host}`).toBe('spinbay://enrol');
  expect(Object.fromEntries(url.searchParams)).toEqual({
    api: 'https://a.example/x?y',
    org_id: 'o',
    code: 'K7QF-3M9X-TR2W',
  });
});

test('with a capture app, a QR code opens it without sending the code to its server', () => {
  const url = new URL(enrolUrl({ api: 'https://a.example', orgId: 'o', code: 'K7QF', capture: 'https://c.example' }));
  expect(url.href.split('#')[0]).toBe('https://c.example/enrol');
  expect(Object.fromEntries(new URLSearchParams(url.hash.slice(1)))).toEqual({
    api: 'https://a.example',
    org_id: 'o',
    code: 'K7QF',
  });
});
