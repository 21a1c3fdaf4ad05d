import { encode } from 'uqr';
import { expect, it } from 'vitest';
import { qrPath, quietZone } from './qr-path.ts';

it('draws exactly the dark modules, inside the quiet zone', () => {
  const { data, size } = encode('spinbay://enrol?api=http%3A%2F%2F127.0.0.1&code=K7QF-3M9X-TR2W', {
    ecc: 'M',
    border: 0,
  });
  const drawn = Array.from({ length: size }, () => Array.from({ length: size }, () => 0));
  for (const [, x, y, run] of qrPath(data).matchAll(/M(\d+) (\d+)h(\d+)v1h-\3z/g)) {
    for (let k = 0; k < Number(run); k += 1) {
      const row = drawn[Number(y) - quietZone];
      const at = Number(x) - quietZone + k;
      if (row) row[at] = (row[at] ?? 99) + 1;
    }
  }
  expect(drawn).toEqual(data.map((row) => row.map(Number)));
});

it('is empty for a code without dark modules', () => {
  expect(qrPath([[false, false]])).toBe('');
});
