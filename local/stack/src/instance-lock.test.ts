import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { lockInstance, startOf } from './instance-lock.ts';
import { assertPortsFree } from './ports.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'spinbay-lock-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

test('a folder can be locked once, and again after its release', async () => {
  const lock = await lockInstance(folder);
  await expect(lockInstance(folder)).rejects.toThrow(/already running on .+ \(process \d+\)/);
  await lock.release();
  expect((await lockInstance(folder)).tookOver).toBe(false);
});

/** The lock file of a process that has ended. */
async function leftover(stage: 'claim' | 'held'): Promise<void> {
  const child = spawn(process.execPath, ['-e', '0'], { stdio: 'ignore' });
  await once(child, 'exit');
  await leftoverOf(child.pid ?? 0, stage);
}

/** The same with a process id that is in use again, with another start time. */
async function leftoverOf(pid: number, stage = 'held'): Promise<void> {
  await mkdir(join(folder, 'running'), { recursive: true });
  await writeFile(join(folder, 'running', `${pid}-1.${stage}`), '');
}

test('the lock of an ended process is taken over, even if another process has its id now', async () => {
  await leftover('held');
  const lock = await lockInstance(folder);
  expect(lock.tookOver).toBe(true);
  await lock.release();
  await leftoverOf(process.pid);
  expect((await lockInstance(folder)).tookOver).toBe(true);
});

test('without /proc, the start of a process is the same in every time zone, and differs from that of others', async () => {
  const zone = process.env.TZ;
  try {
    process.env.TZ = 'Asia/Tokyo';
    const inTokyo = await startOf(process.pid, 'darwin');
    process.env.TZ = 'America/New_York';
    expect(await startOf(process.pid, 'darwin')).toBe(inTokyo);
    expect(inTokyo).toMatch(/^\w{10,}$/);
    expect(await startOf(1, 'darwin')).not.toBe(inTokyo);
  } finally {
    if (zone === undefined) delete process.env.TZ;
    else process.env.TZ = zone;
  }
});

test('a start that was killed before it had the lock blocks nobody', async () => {
  await leftover('claim');
  expect((await lockInstance(folder)).tookOver).toBe(false);
});

test('if many start at once on a stale lock, exactly one gets the folder', async () => {
  const processes = Array.from({ length: 5 }, () =>
    spawn(process.execPath, ['-e', 'setInterval(() => undefined, 60_000)'], { stdio: 'ignore' }),
  );
  try {
    for (let round = 0; round < 60; round++) {
      await leftoverOf(1 + round);
      const starts = await Promise.allSettled(processes.map(({ pid = 0 }) => lockInstance(folder, pid)));
      const locks = starts.flatMap((start) => (start.status === 'fulfilled' ? [start.value] : []));
      const refusals = starts.flatMap((start) => (start.status === 'rejected' ? [`${start.reason}`] : []));
      expect(locks).toHaveLength(1);
      expect(refusals.filter((refusal) => !/already running|is starting/.test(refusal))).toEqual([]);
      await locks[0]?.release();
    }
  } finally {
    for (const child of processes) child.kill('SIGKILL');
  }
});

test('the error names all unusable ports with their settings', async () => {
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
  await expect(failure).rejects.toThrow(`${port - 1} (SPINBAY_OIDC_PORT, set twice)`);
  server.close();
});
