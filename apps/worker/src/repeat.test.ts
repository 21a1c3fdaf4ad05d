import { setTimeout as sleep } from 'node:timers/promises';
import { createLogger } from '@spinbay/runtime';
import { expect, test, vi } from 'vitest';
import { repeat } from './repeat.ts';

const quiet = createLogger({ name: 'test', level: 'silent' });
const patience = { timeout: 30_000 };

test('logs a failed round and continues', async () => {
  const logged = vi.spyOn(quiet, 'error');
  let rounds = 0;
  const repetition = repeat(
    'test',
    1,
    () => {
      rounds += 1;
      if (rounds === 1) throw new Error('thrown synchronously');
      return rounds === 2 ? Promise.reject(new Error('of the test')) : Promise.resolve();
    },
    quiet,
  );
  await vi.waitUntil(() => rounds >= 4, patience);
  await repetition.stop();
  expect(logged).toHaveBeenCalledTimes(2);
  const atStop = rounds;
  await sleep(50);
  expect(rounds).toBe(atStop);
  logged.mockRestore();
});

test('pauses before each round and never overlaps rounds', async () => {
  let running = 0;
  let most = 0;
  let rounds = 0;
  const repetition = repeat(
    'test',
    5,
    async () => {
      running += 1;
      most = Math.max(most, running);
      await sleep(20);
      running -= 1;
      rounds += 1;
    },
    quiet,
  );
  expect(running).toBe(0);
  await vi.waitUntil(() => rounds >= 3, patience);
  await repetition.stop();
  expect(most).toBe(1);
});

test('aborts the running round on stop and waits for its end', async () => {
  let begun = false;
  let ended = false;
  const repetition = repeat(
    'test',
    1,
    async (signal) => {
      begun = true;
      await sleep(60_000, undefined, { signal }).catch(() => undefined);
      ended = true;
    },
    quiet,
  );
  await vi.waitUntil(() => begun, patience);
  await repetition.stop();
  expect(ended).toBe(true);
});

test('ends the pause on stop', async () => {
  let rounds = 0;
  const repetition = repeat(
    'test',
    60_000,
    async () => {
      rounds += 1;
    },
    quiet,
  );
  await repetition.stop();
  expect(rounds).toBe(0);
});
