import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { compileKernel, fileOf, kernels } from './compile-kernels.mjs';

test.each(kernels)('the committed kernel matches the compiled $source', async (kernel) => {
  expect(await compileKernel(kernel)).toBe(readFileSync(fileOf(kernel), 'utf8'));
});
