import { readFileSync } from 'node:fs';
import { availableParallelism, totalmem } from 'node:os';
import { join } from 'node:path';

export interface Machine {
  /** The number of CPUs that this process may run on. */
  readonly cpus: number;
  /** The CPU limit of the container. Null without a limit. */
  readonly cpuLimit: number | null;
  /** The memory of the machine, or of the container if that is less, in bytes. */
  readonly memory: number;
}

export interface Concurrency {
  /** The number of photos that are measured at once. */
  readonly measuring: number;
  /** The reason for the number, for the log. */
  readonly why: string;
}

/** Reserved for the worker itself, which takes about 100 MB without its measuring processes. */
const ownMemoryMb = 200;
/** A measuring process is replaced when it reaches this size, half of its limit. */
const memoryPerPhotoMb = 450;

/** Uses the setting if there is one. Otherwise one photo per CPU of the machine or container, limited by memory. */
export function chooseConcurrency(setting: number | undefined, { cpus, cpuLimit, memory }: Machine): Concurrency {
  if (setting !== undefined) return { measuring: setting, why: 'WORKER_CONCURRENCY is set' };
  const byCpu = Math.max(1, Math.min(cpus, Math.floor(cpuLimit ?? cpus)));
  const memoryMb = Math.floor(memory / 2 ** 20);
  const byMemory = Math.max(1, Math.floor((memoryMb - ownMemoryMb) / memoryPerPhotoMb));
  const cpuReason = cpuLimit !== null && cpuLimit < cpus ? `the container allows ${cpuLimit} CPUs` : `${cpus} CPUs`;
  return {
    measuring: Math.min(byCpu, byMemory),
    why:
      byMemory < byCpu ? `${memoryMb} MB of memory are enough for ${byMemory}, ${memoryPerPhotoMb} MB each` : cpuReason,
  };
}

export function thisMachine(): Machine {
  // Without a limit, this is 0 or close to 2^64.
  const allowed = process.constrainedMemory();
  const total = totalmem();
  return {
    cpus: availableParallelism(),
    cpuLimit: readCpuLimit('/sys/fs/cgroup', '/proc/self/cgroup'),
    memory: allowed > 0 && allowed < total ? allowed : total,
  };
}

/**
 * Reads the CPU quota of this process's control group and its ancestors, version 2 or 1. `availableParallelism` ignores it
 * in Node.js 20.
 * @param root the mount point of the control groups
 * @param membership the file that lists the groups of this process
 * @returns the lowest quota in CPUs, such as 1.5; null without one
 */
export function readCpuLimit(root: string, membership: string): number | null {
  const limits: number[] = [];
  for (const line of read(membership).split('\n')) {
    const [, controllers, path = ''] = /^\d+:([^:]*):(\/.*)$/.exec(line) ?? [];
    if (controllers === undefined) continue;
    const version1 = controllers.split(',').includes('cpu');
    if (controllers !== '' && !version1) continue;
    const mount = version1 ? join(root, controllers) : root;
    // Inside a container, its group is usually the root of the mount, whatever its path outside.
    for (let group = join('/', path); ; group = join(group, '..')) {
      const limit = version1 ? quotaOf1(join(mount, group)) : quotaOf2(join(mount, group));
      if (limit !== null) limits.push(limit);
      if (group === '/') break;
    }
  }
  return limits.length === 0 ? null : Math.min(...limits);
}

/** Parses `max 100000` or `150000 100000`: microseconds of CPU time per period. */
function quotaOf2(folder: string): number | null {
  const [quota, period] = read(join(folder, 'cpu.max')).split(/\s+/).map(Number);
  return ratio(quota, period);
}

function quotaOf1(folder: string): number | null {
  return ratio(Number(read(join(folder, 'cpu.cfs_quota_us'))), Number(read(join(folder, 'cpu.cfs_period_us'))));
}

function ratio(quota = 0, period = 0): number | null {
  return quota > 0 && period > 0 ? quota / period : null;
}

function read(file: string): string {
  try {
    return readFileSync(file, 'utf8').trim();
  } catch {
    return '';
  }
}
