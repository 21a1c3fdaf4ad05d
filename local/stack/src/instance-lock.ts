import { execFile } from 'node:child_process';
import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { StackError } from './stack-error.ts';

export interface InstanceLock {
  /** Whether the last holder was killed. Its children may need a moment to notice this and to release their ports. */
  readonly tookOver: boolean;
  release(): Promise<void>;
}

/**
 * The id and the start time of a process. Ids are reused, but the pair is unique, so any process can remove a file with this
 * name after the holder has ended.
 */
interface Holder {
  readonly pid: number;
  readonly started: string;
}

/** `claim`: wants the lock. `held`: has it. */
type Stage = 'claim' | 'held';

const attempts = 20;

/**
 * Lets only one supervisor at a time use a data folder. Each one first writes its claim and then looks for others. Of two
 * that start at once, at least one sees the other, even if there is a stale lock.
 * @throws StackError if another process has the lock, or if others keep trying to take it
 */
export async function lockInstance(dataDir: string, pid = process.pid): Promise<InstanceLock> {
  const folder = join(dataDir, 'running');
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const own: Holder = { pid, started: (await startOf(pid)) ?? '' };
  const [claim, held] = [fileOf(own, 'claim'), fileOf(own, 'held')];
  let tookOver = false;
  for (let attempt = 0; attempt < attempts; attempt++) {
    await writeFile(join(folder, claim), '', { mode: 0o600 });
    const others = (await readdir(folder)).filter((name) => name !== claim);
    const rivals: string[] = [];
    for (const name of others) {
      const other = parse(name);
      if (other !== null && (await isAlive(other.holder))) {
        if (other.stage === 'held') {
          await rm(join(folder, claim), { force: true });
          throw alreadyRunning(dataDir, other.holder.pid);
        }
        rivals.push(name);
      } else {
        tookOver ||= other?.stage === 'held';
        await rm(join(folder, name), { force: true });
      }
    }
    if (rivals.length === 0) {
      // Not a rename: a directory listing at the same time could show neither name.
      await writeFile(join(folder, held), '', { mode: 0o600 });
      await rm(join(folder, claim), { force: true });
      return { tookOver, release: () => rm(join(folder, held), { force: true }) };
    }
    // Each withdraws for a different time, so that one of them finds no other claim.
    await rm(join(folder, claim), { force: true });
    await sleep(10 + Math.random() * 40 * (attempt + 1));
  }
  throw new StackError(`Another process is starting on ${dataDir}. Try again in a moment.`);
}

/** Whether a running process holds the lock. */
export async function isLocked(dataDir: string): Promise<boolean> {
  const names = await readdir(join(dataDir, 'running')).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return [];
    throw error;
  });
  for (const name of names) {
    const other = parse(name);
    if (other?.stage === 'held' && (await isAlive(other.holder))) return true;
  }
  return false;
}

function alreadyRunning(dataDir: string, pid: number): StackError {
  return new StackError(
    `Spinbay is already running on ${dataDir} (process ${pid}). Use that one, stop it with "kill ${pid}", or start a second one with another folder and other ports (SPINBAY_DATA_DIR, SPINBAY_..._PORT).`,
  );
}

function fileOf({ pid, started }: Holder, stage: Stage): string {
  return `${pid}-${started}.${stage}`;
}

/** @returns null for a file of another kind */
function parse(name: string): { holder: Holder; stage: Stage } | null {
  const [, pid, started, stage] = /^(\d+)-(\w*)\.(claim|held)$/.exec(name) ?? [];
  if (pid === undefined || started === undefined) return null;
  return { holder: { pid: Number(pid), started }, stage: stage === 'held' ? 'held' : 'claim' };
}

async function isAlive({ pid, started }: Holder): Promise<boolean> {
  return (await startOf(pid)) === started;
}

/**
 * The start time of a process, only for comparison. Undefined if there is no such process, empty if the time is unknown.
 * `scripts/lock-folder.mjs` has a copy of this function, because that script runs before the packages are installed, and a
 * bundle cannot import it.
 */
export async function startOf(pid: number, platform: string = process.platform): Promise<string | undefined> {
  try {
    if (platform === 'linux') {
      // The 22nd field. Counting starts after the name in parentheses, because the name may contain spaces.
      const stat = await readFile(`/proc/${pid}/stat`, 'utf8');
      return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19];
    }
    if (platform !== 'win32') {
      // In one time zone and language, whatever those of this process are.
      const env = { ...process.env, LC_ALL: 'C', TZ: 'UTC' };
      const { stdout } = await promisify(execFile)('ps', ['-o', 'lstart=', '-p', String(pid)], { env });
      return stdout.replaceAll(/\W/g, '');
    }
    process.kill(pid, 0);
    return '';
  } catch {
    return undefined;
  }
}
