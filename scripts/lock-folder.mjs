// Lets one process at a time work on a folder. Needs no package, because it also guards their installation.
import { execFileSync } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

/**
 * Runs some work while this process holds the lock, and waits for the lock if another process holds it. The lock of a
 * process that has ended does not count.
 * @template T
 * @param {string} folder holds the files of the lock; created if it is missing
 * @param {() => T | Promise<T>} work
 * @param {(pid: number) => void} onWait called once if another process has the lock
 * @returns {Promise<T>}
 */
export async function withLock(folder, work, onWait) {
  let waits = false;
  for (;;) {
    const outcome = tryLock(folder);
    if (outcome.release !== undefined) {
      try {
        return await work();
      } finally {
        outcome.release();
      }
    }
    if (outcome.holder !== undefined && !waits) {
      waits = true;
      onWait(outcome.holder);
    }
    // If two processes withdrew, they wait for different times, and one of them then finds no other claim.
    await sleep(50 + Math.random() * 200);
  }
}

/**
 * Writes a claim first and then looks for others: if two processes start at once, at least one of them sees the other.
 * File names contain the process and its start, so that anybody may remove the file of a process that has ended.
 * @returns {{ release?: () => void, holder?: number }}
 */
function tryLock(folder) {
  mkdirSync(folder, { recursive: true });
  const own = `${process.pid}-${startOf(process.pid)}`;
  const [claim, held] = [join(folder, `${own}.claim`), join(folder, `${own}.held`)];
  writeFileSync(claim, '');
  try {
    let isFree = true;
    for (const name of readdirSync(folder)) {
      const [, pid, started, stage] = /^(\d+)-(\w*)\.(claim|held)$/.exec(name) ?? [];
      if (pid === undefined || name === `${own}.claim`) continue;
      if (startOf(Number(pid)) !== started) rmSync(join(folder, name), { force: true });
      else if (stage === 'held') return { holder: Number(pid) };
      else isFree = false;
    }
    if (!isFree) return {};
    // Not a rename: a directory listing at the same time could show neither name.
    writeFileSync(held, '');
    return { release: () => rmSync(held, { force: true }) };
  } finally {
    rmSync(claim, { force: true });
  }
}

/** The start time of a process, only for comparison. Undefined if there is no such process, empty if the time is unknown. */
export function startOf(pid, platform = process.platform) {
  try {
    if (platform === 'linux') {
      // The 22nd field. Counting starts after the name in parentheses, because the name may contain spaces.
      const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
      return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19];
    }
    if (platform !== 'win32') {
      // In one time zone and language, whatever those of this process are.
      const env = { ...process.env, LC_ALL: 'C', TZ: 'UTC' };
      const printed = execFileSync('ps', ['-o', 'lstart=', '-p', String(pid)], { encoding: 'utf8', env });
      return printed.replaceAll(/\W/g, '');
    }
    process.kill(pid, 0);
    return '';
  } catch {
    return undefined;
  }
}
