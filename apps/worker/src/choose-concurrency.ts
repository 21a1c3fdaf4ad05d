import { readFileSync } from 'node:fs';
import { availableParallelism, totalmem } from 'node:os';
import { join } from 'node:path';

export interface Machine {
  /** Those that this process may run on. */
  readonly cpus: number;
  /** CPUs' worth of time that the container allows; null without a limit. */
  readonly cpuLimit: number | null;
  /** Bytes of the machine, or of the container where it allows less. */
  readonly memory: number;
}

export interface Concurrency {
  /** Photos measured at once. */
  readonly measuring: number;
  /** For the log: what the number follows from. */
  readonly why: string;
}

/** The worker itself, beside its measuring processes, takes some 100 MB. */
const ownMemoryMb = 200;
/** A measuring process is replaced once it has grown to this size: half of its limit. */
const memoryPerPhotoMb = 450;

/** As set; otherwise one photo for each CPU that the machine or container allows, and no more than its memory holds. */
export function chooseConcurrency(setting: number | undefined, { cpus, cpuLimit, memory }: Machine): Concurrency {
  if (setting !== undefined) return { measuring: setting, why: 'WORKER_CONCURRENCY is set' };
  const byCpu = Math.max(1, Math.min(cpus, Math.floor(cpuLimit ?? cpus)));
  const memoryMb = Math.floor(memory / 2 ** 20);
  const byMemory = Math.max(1, Math.floor((memoryMb - ownMemoryMb) / memoryPerPhotoMb));
  const cpuWords = cpuLimit !== null && cpuLimit < cpus ? `the container allows ${cpuLimit} CPUs` : `${cpus} CPUs`;
  return {
    measuring: Math.min(byCpu, byMemory),
    why:
      byMemory < byCpu ? `${memoryMb} MB of memory are enough for ${byMemory}, ${memoryPerPhotoMb} MB each` : cpuWords,
  };
}

export function thisMachine(): Machine {
  // A container without a limit gives 0 or a number near 2^64.
  const allowed = process.constrainedMemory();
  const total = totalmem();
  return {
    cpus: availableParallelism(),
    cpuLimit: readCpuLimit('/sys/fs/cgroup', '/proc/self/cgroup'),
    memory: allowed > 0 && allowed < total ? allowed : total,
  };
}

/**
 * The CPU quota of this process's control group or of one above it, version 2 or 1. `availableParallelism` does not know it in Node.js 20.
 * @param root where control groups are mounted
 * @param membership the file that names the groups of this process
 */
export function readCpuLimit(root: string, membership: string): number | null {
  const limits: number[] = [];
  for (const line of read(membership).split('\n')) {
    const [, controllers, path = ''] = /^\d+:([^:]*):(\/.*)$/.exec(line) ?? [];
    if (controllers === undefined) continue;
    const version1 = controllers.split(',').includes('cpu');
    if (controllers !== '' && !version1) continue;
    const mount = version1 ? join(root, controllers) : root;
    // Within a container its own group is usually the root of the mount, whatever its path outside.
    for (let group = join('/', path); ; group = join(group, '..')) {
      const limit = version1 ? quotaOf1(join(mount, group)) : quotaOf2(join(mount, group));
      if (limit !== null) limits.push(limit);
      if (group === '/') break;
    }
  }
  return limits.length === 0 ? null : Math.min(...limits);
}

/** `max 100000` or `150000 100000`: microseconds of CPU time in each period. */
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
