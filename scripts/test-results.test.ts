import { expect, test } from 'vitest';
import { unprovenBoxes } from './test-results.mjs';

const boxes = {
  one: '- [x] Photos arrive — `tests/a.test.ts`: "each photo arrives once"',
  row: '- [x] Roles — `tests/b.test.ts`: "%s may not $action"',
  open: '- [ ] Something that is not done',
};
const page = ['# Status', boxes.one, boxes.row, boxes.open].join('\n');

test('a ticked box counts as proven only if its test passed in the file that it names', () => {
  const photo = { file: 'tests/a.test.ts', name: 'uploads each photo arrives once' };
  const role = { file: 'tests/b.test.ts', name: 'a reviewer may not erase' };
  expect(unprovenBoxes(page, [photo, role])).toEqual([]);
  expect(unprovenBoxes(page, [photo])).toEqual([boxes.row]);
  expect(unprovenBoxes(page, [{ ...photo, file: 'tests/c.test.ts' }, role])).toEqual([boxes.one]);
  expect(unprovenBoxes(page, [])).toEqual([boxes.one, boxes.row]);
});
