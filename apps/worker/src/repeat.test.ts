import { setTimeout as sleep } from 'node:timers/promises';
import { createLogger } from '@spinbay/runtime';
import { expect, test, vi } from 'vitest';
import { repeat } from './repeat.ts';

const quiet = createLogger({ name: 'test', level: 'silent' });
const patience = { timeout: 30_000 };

test('a round that fails is logged and does not end the repetition', async () => {
  const logged = vi.spyOn(quiet, 'error');
  let rounds = 0;
  const repetition = repeat(
    'test',
    1,
    () => {
      rounds += 1;
      if (rounds === 1) throw new Error('before it became a promise');
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

test('rounds do not overlap, and the pause comes before each of them', async () => {
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

test('stopping aborts the round that runs and waits for its end', async () => {
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

test('stopping in the pause ends it', async () => {
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
