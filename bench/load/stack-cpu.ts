import { spawn } from 'node:child_process';
import { closeSync, openSync, readFileSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Installation } from '../../tests/e2e/support/installation.ts';
import { hasEnded, stopProcess } from '../support/processes.ts';

/** The groups of processes in the table. `imaging` decodes, measures and resizes. */
export const partNames = ['api', 'worker', 'imaging', 'objects and queue', 'database', 'other'] as const;
type PartName = (typeof partNames)[number];

export interface CpuTimes {
  /** Seconds of CPU since the start, by part. */
  readonly parts: Readonly<Record<PartName, number>>;
  /** Seconds of CPU of everything on this machine. */
  readonly machine: number;
  /** Seconds of CPU of this benchmark itself, which plays operators and portals. */
  readonly self: number;
}

interface Process {
  readonly pid: number;
  readonly parent: number;
  readonly seconds: number;
  readonly command: string;
}

/** Linux counts CPU time in hundredths of a second. */
const ticksPerSecond = 100;

export async function cpuTimes({ process: root }: Installation): Promise<CpuTimes> {
  const all = await processes();
  const parts = Object.fromEntries(partNames.map((name) => [name, 0])) as Record<PartName, number>;
  const visit = (pid: number, inherited: PartName) => {
    for (const child of all.filter(({ parent }) => parent === pid)) {
      const name = partOf(child.command, inherited);
      parts[name] += child.seconds;
      visit(child.pid, name);
    }
  };
  visit(root.pid ?? 0, 'other');
  // Additional workers are children of this process.
  for (const worker of all.filter(({ parent, command }) => parent === process.pid && isWorker(command))) {
    parts.worker += worker.seconds;
    visit(worker.pid, 'worker');
  }
  const [, user = 0, nice = 0, system = 0] =
    (await readFile('/proc/stat', 'utf8')).split('\n', 1)[0]?.split(/\s+/).map(Number) ?? [];
  const own = process.cpuUsage();
  return { parts, machine: (user + nice + system) / ticksPerSecond, self: (own.user + own.system) / 1e6 };
}

const isWorker = (command: string) => /dist\/worker\.mjs/.test(command);

function partOf(command: string, inherited: PartName): PartName {
  if (/dist\/api\.mjs/.test(command)) return 'api';
  if (/dist\/cloud\.mjs/.test(command)) return 'objects and queue';
  if (isWorker(command)) return 'worker';
  if (/postgres/.test(command)) return 'database';
  return inherited === 'worker' ? 'imaging' : inherited;
}

async function processes(): Promise<Process[]> {
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name));
  const found = await Promise.all(
    pids.map(async (pid) => {
      const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '');
      const command = await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '');
      // The name in brackets may have spaces. Children that ended are counted by their parent.
      const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
      const ticks = fields.slice(11, 15).reduce((sum, value) => sum + Number(value), 0);
      return { pid: Number(pid), parent: Number(fields[1]), seconds: ticks / ticksPerSecond, command };
    }),
  );
  return found.filter(({ command }) => command !== '');
}

/**
 * Runs some work with more workers on the same queue, which have the settings of the running one. Stops them afterwards.
 * @param logFolder where each writes its log
 * @throws if one of them ends before the work
 */
export async function withMoreWorkers<T>(
  { process: root }: Installation,
  count: number,
  logFolder: string,
  work: () => Promise<T>,
): Promise<T> {
  const first = (await processes()).find(({ parent, command }) => parent === root.pid && isWorker(command));
  if (first === undefined) throw new Error('the installation has no worker');
  const settings = (await readFile(`/proc/${first.pid}/environ`, 'utf8'))
    .split('\0')
    // The running worker has a channel to its supervisor, the new ones have none.
    .filter((line) => line.includes('=') && !line.startsWith('NODE_CHANNEL_'));
  const env = Object.fromEntries(
    settings.map((line) => [line.slice(0, line.indexOf('=')), line.slice(line.indexOf('=') + 1)]),
  );
  const workers = Array.from({ length: count }, (_, k) => {
    const log = openSync(join(logFolder, `worker-${count}-${k}.log`), 'w');
    const worker = spawn(process.execPath, ['dist/worker.mjs'], { env, stdio: ['ignore', log, log] });
    closeSync(log);
    return worker;
  });
  const logOf = (k: number) => readFileSync(join(logFolder, `worker-${count}-${k}.log`), 'utf8');
  // The log of a worker tells when it polls.
  const isPolling = (_: unknown, k: number) => logOf(k).includes('"polling"');
  const expectAllRun = () => {
    const ended = workers.findIndex(hasEnded);
    if (ended !== -1) throw new Error(`an added worker ended:\n${logOf(ended).slice(-2000)}`);
  };
  try {
    while (!workers.every(isPolling)) {
      expectAllRun();
      await sleep(100);
    }
    const result = await work();
    expectAllRun();
    return result;
  } finally {
    await Promise.all(workers.map(stopProcess));
  }
}
