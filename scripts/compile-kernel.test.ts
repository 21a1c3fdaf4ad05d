import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { compileKernel, output } from './compile-kernel.mjs';

test('the committed kernel is what its source compiles to', async () => {
  expect(await compileKernel()).toBe(readFileSync(output, 'utf8'));
});
