/** A child that does what a decoder at its worst does, as the bytes of the "picture" say. */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { measureImage } from '../measure-image.ts';
import { serveMeasurements } from './serve-measurements.ts';

serveMeasurements(async (bytes, options) => {
  const [what, ...rest] = bytes.subarray(0, 200).toString('latin1').split(' ');
  if (what === 'abort') process.abort();
  if (what === 'segfault') process.kill(process.pid, 'SIGSEGV');
  if (what === 'exit') process.exit(0);
  if (what === 'exit-once') {
    const [before = ''] = rest;
    if (!existsSync(before)) {
      writeFileSync(before, '');
      process.exit(0);
    }
    return measureImage(readFileSync(rest.slice(1).join(' ')), options);
  }
  if (what === 'pid') writeFileSync(rest.join(' '), String(process.pid));
  if (what === 'hang' || what === 'pid') for (;;);
  if (what === 'throw') throw new Error('a fault of the test');
  if (what === 'eat') {
    // Touched, so that it counts; in the main thread, which answers nothing meanwhile.
    for (const kept: Buffer[] = []; ; ) kept.push(Buffer.alloc(16 * 2 ** 20, 1));
  }
  return measureImage(bytes, options);
});
