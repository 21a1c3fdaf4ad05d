import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { beginSpinbay, makePlace, type Place, processesOf, start } from './installation.ts';

let place: Place;
beforeAll(async () => {
  place = await makePlace();
});
afterAll(() => place?.remove());

test('waiting for a start ends when a signal kills it', async () => {
  const starting = start(place).then(() => 'it started', String);
  let found: { pid: number }[] = [];
  while (found.length === 0) {
    await sleep(10);
    found = await processesOf(place);
  }
  for (const { pid } of found) process.kill(pid, 'SIGKILL');
  expect(await starting).toMatch(/it did not start/);
}, 20_000);

test('waiting for a text of a command ends when a signal kills the command', async () => {
  const { until, kill, done } = beginSpinbay(place, 'version');
  kill();
  expect(await done).toMatchObject({ status: null });
  await expect(until('a text that it never prints')).rejects.toThrow(/it ended without/);
}, 20_000);
