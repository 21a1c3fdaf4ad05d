import { expect, test } from 'vitest';
import { runEach } from './run-each.ts';

const never = new AbortController().signal;

test('a step that fails does not stop the others, and its error is reported', async () => {
  const done: string[] = [];
  const fault = new Error('the store is down');
  const steps = [
    async () => {
      throw fault;
    },
    async () => void done.push('second'),
    async () => {
      throw new Error('another fault');
    },
  ];
  await expect(runEach(steps.slice(0, 2), never)).rejects.toBe(fault);
  expect(done).toEqual(['second']);
  await expect(runEach(steps, never)).rejects.toThrow('2 of 3 steps failed');
});

test('an aborted signal ends the steps without an error', async () => {
  const stopping = new AbortController();
  const done: string[] = [];
  const steps = [
    async () => {
      stopping.abort(new Error('draining'));
      throw stopping.signal.reason;
    },
    async () => void done.push('second'),
  ];
  await runEach(steps, stopping.signal);
  expect(done).toEqual([]);
});
