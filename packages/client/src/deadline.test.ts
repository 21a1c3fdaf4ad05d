import { expect, test } from 'vitest';
import { startDeadline } from './deadline.ts';

const abort = (signal: AbortSignal) => new Promise((resolve) => signal.addEventListener('abort', resolve));

test('a deadline aborts after its time, and says why', async () => {
  const { signal } = startDeadline(5);
  await abort(signal);
  expect(String(signal.reason)).toContain('no answer within 0.005 s');
});

test('a deadline aborts with its parent, at once if the parent is aborted already', () => {
  const parent = new AbortController();
  const deadline = startDeadline(60_000, parent.signal);
  parent.abort('left');
  expect(deadline.signal.reason).toBe('left');
  deadline.end();
  const late = startDeadline(60_000, parent.signal);
  expect(late.signal.aborted).toBe(true);
  late.end();
});

test('a deadline that has ended no longer follows its parent', () => {
  const parent = new AbortController();
  const { signal, end } = startDeadline(60_000, parent.signal);
  end();
  parent.abort();
  expect(signal.aborted).toBe(false);
});
