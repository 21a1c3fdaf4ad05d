import { copyFile, readdir, rm, stat, truncate } from 'node:fs/promises';
import { join } from 'node:path';

/** About a week of a busy installation. With its predecessor, a log takes twice as much. */
const maxLogBytes = 50_000_000;
const everyMs = 60_000;

/**
 * Shortens the logs of these folders regularly. A failure is ignored, because a log must not stop the installation; the next
 * run tries again.
 * @returns a function that stops this
 */
export function boundLogs(folders: readonly string[]): () => Promise<void> {
  let running: Promise<unknown> = Promise.resolve();
  const timer = setInterval(() => {
    running = running.then(() => Promise.allSettled(folders.map((folder) => shortenLogs(folder, maxLogBytes))));
  }, everyMs);
  timer.unref();
  return async () => {
    clearInterval(timer);
    await running;
  };
}

/**
 * Moves the content of each `*.log` above this size to `*.log.1`. The processes keep their files open for appending, so a log is
 * copied and emptied, not renamed. Lines that are written in between are lost.
 */
export async function shortenLogs(folder: string, maxBytes: number): Promise<void> {
  for (const name of await readdir(folder)) {
    const file = join(folder, name);
    if (!name.endsWith('.log') || (await stat(file)).size <= maxBytes) continue;
    // Frees its space first: the disk may be full.
    await rm(`${file}.1`, { force: true });
    await copyFile(file, `${file}.1`);
    await truncate(file);
  }
}
