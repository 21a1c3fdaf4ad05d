import { parseEnrolment } from '@spinbay/capture/features/auth/enrolment.ts';
import { routeOfLink } from './enrol-link';

test('a scanned code opens the enrolment with the API, the organization and the code', () => {
  const route = routeOfLink('spinbay://enrol?api=https%3A%2F%2Fapi.example.com&org_id=AB&code=K7QF-3M9X-TR2W');
  expect(route?.startsWith('/enrol#')).toBe(true);
  expect(parseEnrolment(route?.slice('/enrol'.length) ?? '')).toEqual({
    api: 'https://api.example.com',
    org_id: 'ab',
    code: 'K7QF-3M9X-TR2W',
  });
});

test.each(['spinbay://', 'spinbay://settings?code=1', 'https://evil.example/enrol?code=1', ''])(
  'the link %p only opens the app',
  (link) => expect(routeOfLink(link)).toBeNull(),
);
