import { tmpdir } from 'node:os';
import { maxImageBytes } from '@spinbay/contracts';
import { diskReserve } from '@spinbay/local-cloud/set-up';
import { expect, test } from 'vitest';
import { describeDiskSpace } from './disk-space.ts';

test('fails as soon as the largest photo could be refused', async () => {
  const needed = diskReserve + maxImageBytes;
  const say = (free: number) => describeDiskSpace('/srv/spinbay', () => Promise.resolve(free));
  expect(await say(needed)).toBe('128 MiB free on the disk of /srv/spinbay');
  await expect(say(needed - 1)).rejects.toThrow(/^127 MiB free .*Photos are refused if less than 64 MiB/);
});

test('measures the disk of the folder', async () => {
  const said = await describeDiskSpace(tmpdir()).catch((error: Error) => error.message);
  expect(said).toMatch(/^\d+ MiB free on the disk of /);
});
