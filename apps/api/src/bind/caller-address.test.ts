import { isIPv6 } from 'node:net';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { countedAddress } from './caller-address.ts';

test.each([
  ['192.0.2.1', '192.0.2.1'],
  ['192.0.2.1:4711', '192.0.2.1'],
  ['::ffff:192.0.2.1', '192.0.2.1'],
  ['::FFFF:c000:201', '192.0.2.1'],
  ['0:0:0:0:0:ffff:192.0.2.1', '192.0.2.1'],
  ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2::/64'],
  ['2001:0DB8:0001:0002::', '2001:db8:1:2::/64'],
  ['2001:db8::1', '2001:db8:0:0::/64'],
  ['[2001:db8:1:2::9]:443', '2001:db8:1:2::/64'],
  ['[2001:db8:1:2::9]', '2001:db8:1:2::/64'],
  ['fe80::1%eth0', 'fe80:0:0:0::/64'],
  ['::1', '0:0:0:0::/64'],
  ['::192.0.2.1', '0:0:0:0::/64'],
])('%s counts as %s', (given, counted) => expect(countedAddress(given)).toBe(counted));

test.each(['', 'unknown', '1.2.3', '1.2.3.4.5', '1.2.3.400', '2001:db8:::1', '[', 'localhost', '1.2.3.4:x', '/'])(
  '%j is not an address',
  (given) => expect(countedAddress(given)).toBeNull(),
);

test('every IPv6 address is accepted, in upper and lower case, and no text causes an error', () => {
  fc.assert(
    fc.property(fc.ipV6(), fc.string(), (address, text) => {
      const counted = countedAddress(address);
      expect(isIPv6(address) ? counted : null).not.toBeNull();
      expect(countedAddress(address.toUpperCase())).toBe(counted);
      countedAddress(text);
    }),
  );
});
