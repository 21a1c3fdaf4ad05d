import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { lockInstance } from './instance-lock.ts';
import { assertPortsFree } from './ports.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'spinbay-lock-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

test('a folder is taken once, and free again after its release', async () => {
  const lock = await lockInstance(folder);
  await expect(lockInstance(folder)).rejects.toThrow(/already \(process \d+\)/);
  await lock.release();
  expect((await lockInstance(folder)).tookOver).toBe(false);
});

test('the lock of a process that is gone is taken over, also when another has its number now', async () => {
  const child = spawn(process.execPath, ['-e', '0'], { stdio: 'ignore' });
  await once(child, 'exit');
  await writeFile(join(folder, 'running.json'), JSON.stringify({ pid: child.pid, started: '1' }));
  expect((await lockInstance(folder)).tookOver).toBe(true);
  await writeFile(join(folder, 'running.json'), JSON.stringify({ pid: process.pid, started: 'long ago' }));
  expect((await lockInstance(folder)).tookOver).toBe(true);
});

test('a lock file that was cut off in the middle does not lock for ever', async () => {
  await writeFile(join(folder, 'running.json'), '{"pi');
  expect((await lockInstance(folder)).tookOver).toBe(true);
});

test('all ports that cannot be used are named with their settings', async () => {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as { port: number };
  const ports = [
    { setting: 'SPINBAY_API_PORT', port },
    { setting: 'SPINBAY_PORTAL_PORT', port: port - 1 },
    { setting: 'SPINBAY_OIDC_PORT', port: port - 1 },
  ];
  const failure = assertPortsFree('127.0.0.1', ports, 0);
  await expect(failure).rejects.toThrow(`${port} (SPINBAY_API_PORT)`);
  await expect(failure).rejects.toThrow(`${port - 1} (SPINBAY_OIDC_PORT, given twice)`);
  server.close();
});
