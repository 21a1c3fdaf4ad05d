import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type LinkName, linkShapes } from '../e2e/support/link-shapes.ts';
import { measureLink, wordsOf } from '../e2e/support/measure-link.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'spinbay-link-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

test.each<LinkName>(['4g', '3g'])('the %s link has the rate, the delay and the loss of its shape', async (name) => {
  const shape = linkShapes[name];
  const real = await measureLink(shape, folder);
  console.log(`${shape.words}: ${wordsOf(shape, real)}. Shaper: ${real.shaper}.`);
  const { upBytesPerSecond = 0, roundTripMs = 0 } = shape.speed ?? {};
  // The limit counts packet headers and retransmissions, too, so the measured rate is lower. A busy machine adds delay.
  expect(real.upBytesPerSecond / upBytesPerSecond).toBeGreaterThan(0.5);
  expect(real.upBytesPerSecond / upBytesPerSecond).toBeLessThan(1.1);
  expect(real.roundTripMs / roundTripMs).toBeGreaterThan(0.98);
  for (const loss of Object.values(real.loss ?? {})) {
    // Of 3,000 datagrams with a loss of 1 %, 10 or fewer, or 60 or more, are lost in about one of 50,000 runs.
    expect(loss).toBeGreaterThan(shape.loss / 3);
    expect(loss).toBeLessThan(shape.loss * 2);
  }
});
