/** A child that misbehaves like a faulty decoder. The bytes of the "picture" say how. */
import { spawn } from 'node:child_process';
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
  if (what === 'start-program') {
    const { pid } = spawn(process.execPath, ['-e', 'setInterval(() => undefined, 1000)'], { stdio: 'ignore' });
    writeFileSync(rest.join(' '), `${process.pid} ${pid}`);
    return new Promise(() => undefined);
  }
  if (what === 'hang' || what === 'pid') for (;;);
  if (what === 'throw') throw new Error('a fault of the test');
  if (what === 'exhaust-memory') {
    // Writes to the memory, so that it counts as used, and blocks the main thread.
    for (const kept: Buffer[] = []; ; ) kept.push(Buffer.alloc(16 * 2 ** 20, 1));
  }
  return measureImage(bytes, options);
});
