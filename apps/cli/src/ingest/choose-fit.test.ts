import { PassThrough } from 'node:stream';
import { SessionId } from '@spinbay/contracts';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { chooseFit } from './choose-fit.ts';

const change = { sessionId: SessionId.parse('01900000-0000-7000-8000-000000000001'), changes: [], kept: [] };
let input: PassThrough;

beforeEach(() => {
  input = new PassThrough();
  vi.spyOn(process, 'stdin', 'get').mockReturnValue(input as unknown as typeof process.stdin);
  vi.spyOn(process.stderr, 'write').mockReturnValue(true);
});
afterEach(() => vi.restoreAllMocks());

test('a choice on the command line replaces the question, and is required without a terminal', async () => {
  expect(await chooseFit('keep', true)(change)).toBe('keep');
  await expect(chooseFit(undefined, false)(change)).rejects.toThrow(/with --keep or --reassign\.$/);
});

test('the choice is read from the terminal, and another answer ends the command', async () => {
  input.write(' Keep\n');
  expect(await chooseFit(undefined, true)(change)).toBe('keep');
  input.write('no\n');
  await expect(chooseFit(undefined, true)(change)).rejects.toThrow('Nothing was sent.');
});

test('the end of the input ends the command', async () => {
  const asked = chooseFit(undefined, true)(change);
  input.end();
  await expect(asked).rejects.toThrow('Nothing was sent.');
});
