import { enrolUrl } from '@spinbay/contracts';
import { expect, test } from 'vitest';
import { parseEnrolment } from './enrolment.ts';

const org = '0192f8a0-0000-7000-8000-000000000001';

test.each([
  ['nothing', '  ', {}],
  ['a code', ' k7qf-3m9x-tr2w ', { code: 'k7qf-3m9x-tr2w' }],
  [
    'the content of a QR code from the portal',
    enrolUrl({ api: 'https://api.example', orgId: org, code: 'K7QF-3M9X-TR2W' }),
    { api: 'https://api.example', org_id: org, code: 'K7QF-3M9X-TR2W' },
  ],
  [
    'its content with a capture app',
    enrolUrl({ api: 'https://api.example', orgId: org, code: 'K7QF-3M9X-TR2W', capture: 'https://capture.example' }),
    { api: 'https://api.example', org_id: org, code: 'K7QF-3M9X-TR2W' },
  ],
  [
    'the address of the app with a code',
    `https://capture.example/enrol#code=K7QF-3M9X-TR2W&org_id=${org.toUpperCase()}`,
    { org_id: org, code: 'K7QF-3M9X-TR2W' },
  ],
  ['the part of the address after #', `#org_id=${org}`, { org_id: org }],
])('%s is parsed', (_, text, enrolment) => {
  expect(parseEnrolment(text)).toEqual(enrolment);
});

test.each(['K7QF-3M9X-TR2', 'https://example.com', 'https://capture.example/#code=hello', '#a=b', 'U'.repeat(200)])(
  '%j is not an enrolment',
  (text) => {
    expect(parseEnrolment(text)).toBeNull();
  },
);
