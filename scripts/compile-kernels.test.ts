import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { compileKernel, fileOf, kernels } from './compile-kernels.mjs';

test.each(kernels)('the committed kernel is what $source compiles to', async (kernel) => {
  expect(await compileKernel(kernel)).toBe(readFileSync(fileOf(kernel), 'utf8'));
});
