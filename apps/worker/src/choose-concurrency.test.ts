import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { chooseConcurrency, readCpuLimit, thisMachine } from './choose-concurrency.ts';

const gib = 2 ** 30;
let root: string;
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'spinbay-cgroup-'));
});
afterEach(() => rm(root, { recursive: true, force: true }));

async function limitOf(membership: string, files: Record<string, string>): Promise<number | null> {
  for (const [name, content] of Object.entries({ membership, ...files })) {
    await mkdir(dirname(join(root, name)), { recursive: true });
    await writeFile(join(root, name), content);
  }
  return readCpuLimit(root, join(root, 'membership'));
}

test('prefers the setting, otherwise uses the scarcer of CPUs and memory, and reports the reason', () => {
  const machine = { cpus: 8, cpuLimit: null, memory: 16 * gib };
  expect(chooseConcurrency(3, machine)).toEqual({ measuring: 3, why: 'WORKER_CONCURRENCY is set' });
  expect(chooseConcurrency(undefined, machine)).toEqual({ measuring: 8, why: '8 CPUs' });
  expect(chooseConcurrency(undefined, { ...machine, cpuLimit: 2.5 })).toEqual({
    measuring: 2,
    why: 'the container allows 2.5 CPUs',
  });
  expect(chooseConcurrency(undefined, { ...machine, memory: 2 * gib })).toEqual({
    measuring: 4,
    why: '2048 MB of memory are enough for 4, 450 MB each',
  });
  expect(chooseConcurrency(undefined, { cpus: 4, cpuLimit: 0.25, memory: gib / 4 }).measuring).toBe(1);
});

test('reads the CPU quota of control groups, version 2', async () => {
  expect(await limitOf('0::/\n', { 'cpu.max': '150000 100000\n' })).toBe(1.5);
  expect(await limitOf('0::/\n', { 'cpu.max': 'max 100000\n' })).toBeNull();
});

test('uses the strictest limit of a group and its ancestors, and treats missing files as no limit', async () => {
  const files = { 'pods/cpu.max': '100000 100000\n', 'pods/one/cpu.max': '400000 100000\n' };
  expect(await limitOf('0::/pods/one\n', files)).toBe(1);
  expect(await limitOf('0::/elsewhere\n', {})).toBeNull();
  expect(readCpuLimit(join(root, 'missing'), join(root, 'missing'))).toBeNull();
});

test('reads the CPU quota of control groups, version 1', async () => {
  const membership = '12:memory:/docker/one\n4:cpu,cpuacct:/docker/one\n1:name=systemd:/docker/one\n';
  const quota = { 'cpu,cpuacct/cpu.cfs_quota_us': '200000\n', 'cpu,cpuacct/cpu.cfs_period_us': '100000\n' };
  expect(await limitOf(membership, quota)).toBe(2);
  expect(await limitOf(membership, { ...quota, 'cpu,cpuacct/cpu.cfs_quota_us': '-1\n' })).toBeNull();
});

test('reads the CPUs and memory of this machine', () => {
  const { measuring } = chooseConcurrency(undefined, thisMachine());
  expect(measuring).toBeGreaterThanOrEqual(1);
});
