import { readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { StackError } from './stack-error.ts';

export interface InstanceLock {
  /** The last holder was killed: its children may need a moment to notice and to give back their ports. */
  readonly tookOver: boolean;
  release(): Promise<void>;
}

/** A process by number and start: numbers are used again, so that one alone could name a stranger. */
interface Holder {
  readonly pid: number;
  readonly started: string;
}

/** Makes sure that one supervisor at a time uses a data folder. @throws StackError that names the other one */
export async function lockInstance(dataDir: string): Promise<InstanceLock> {
  const file = join(dataDir, 'running.json');
  const own: Holder = { pid: process.pid, started: (await startOf(process.pid)) ?? '' };
  for (let attempt = 0; attempt < 2; attempt++) {
    try {
      await writeFile(file, JSON.stringify(own), { flag: 'wx', mode: 0o600 });
      return { tookOver: attempt > 0, release: () => rm(file, { force: true }) };
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    }
    const holder = await readHolder(file);
    if (holder !== null && (await startOf(holder.pid)) === holder.started) {
      throw new StackError(
        `Spinbay runs on ${dataDir} already (process ${holder.pid}). Use that one, stop it with "kill ${holder.pid}", or start a second one on another folder and other ports (SPINBAY_DATA_DIR, SPINBAY_..._PORT).`,
      );
    }
    // The holder was killed and could not clean up.
    await rm(file, { force: true });
  }
  throw new StackError(`${file} cannot be taken: another start is under way. Try again in a moment.`);
}

async function readHolder(file: string): Promise<Holder | null> {
  try {
    const { pid, started } = JSON.parse(await readFile(file, 'utf8')) as Partial<Holder>;
    return typeof pid === 'number' && typeof started === 'string' ? { pid, started } : null;
  } catch {
    return null;
  }
}

/** When a process began, in a form that only compares; undefined when there is no such process. */
async function startOf(pid: number): Promise<string | undefined> {
  try {
    // The 22nd field, counted behind the name in parentheses, which may itself contain blanks.
    const stat = await readFile(`/proc/${pid}/stat`, 'utf8');
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19];
  } catch {
    if (process.platform === 'linux') return undefined;
  }
  try {
    process.kill(pid, 0);
    return '';
  } catch {
    return undefined;
  }
}
