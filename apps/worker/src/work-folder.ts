import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { hostname } from 'node:os';
import { basename, join } from 'node:path';
import type { Logger } from '@spinbay/runtime';

export interface WorkFolder {
  readonly path: string;
  remove(): Promise<void>;
}

/**
 * Creates this process's folder for temporary downloads, and removes the folders of killed workers.
 *
 * The folder name contains host and process, `spinbay-worker-{host}-{pid}-{random}`. Only folders of ended processes of
 * this host are removed (containers may share `parent`, and each has its own host name and process ids).
 * @throws Error if `parent` is not writable
 */
export async function openWorkFolder(parent: string, log: Logger): Promise<WorkFolder> {
  const prefix = `spinbay-worker-${hostname().replaceAll(/[^A-Za-z0-9.-]/g, '_')}-`;
  const path = await mkdtemp(join(parent, `${prefix}${process.pid}-`)).catch((cause: Error) => {
    throw new Error(
      `The folder for temporary files, ${parent}, cannot be written (${cause.message}). Free some space, or set TMPDIR to another folder.`,
      { cause },
    );
  });
  for (const name of await readdir(parent)) {
    const pid = name.startsWith(prefix) ? /^(\d{1,9})-[A-Za-z0-9]{6}$/.exec(name.slice(prefix.length))?.[1] : undefined;
    if (pid !== undefined && name !== basename(path) && isGone(Number(pid)))
      await removeLeftover(join(parent, name), log);
  }
  return {
    path,
    // Aborted work may still be writing to it.
    remove: () => rm(path, { recursive: true, force: true, maxRetries: 5 }),
  };
}

async function removeLeftover(path: string, log: Logger): Promise<void> {
  try {
    await rm(path, { recursive: true, force: true });
    log.info({ path }, 'removed the temporary files of a killed worker');
  } catch (error) {
    log.warn({ err: error, path }, 'the temporary files of a killed worker could not be removed');
  }
}

function isGone(pid: number): boolean {
  // The worker of a restarted container has the same process id as before.
  if (pid === process.pid) return true;
  try {
    process.kill(pid, 0);
    return false;
  } catch (error) {
    // EPERM: the process exists but belongs to another user.
    return (error as NodeJS.ErrnoException).code === 'ESRCH';
  }
}
