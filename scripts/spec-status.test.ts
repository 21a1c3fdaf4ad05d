import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';

const root = fileURLToPath(new URL('..', import.meta.url));
const boxes = readFileSync(`${root}docs/spec-status.md`, 'utf8')
  .split('\n')
  .filter((line) => line.startsWith('- ['));

test('every ticked box of the specification names an existing test', () => {
  const ticked = boxes.filter((line) => line.startsWith('- [x]'));
  expect(ticked.length).toBeGreaterThan(50);
  const unproven = ticked.filter((line) => {
    const [, file, title] = / — `([^`]+)`: "([^"]+)"$/.exec(line) ?? [];
    return (
      file === undefined ||
      title === undefined ||
      !existsSync(root + file) ||
      !readFileSync(root + file, 'utf8').includes(title)
    );
  });
  expect(unproven).toEqual([]);
});

test('a box that is not ticked names no test', () => {
  expect(boxes.filter((line) => line.startsWith('- [ ]') && line.includes(' — `'))).toEqual([]);
});
