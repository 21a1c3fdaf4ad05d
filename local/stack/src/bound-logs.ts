import { copyFile, readdir, rm, stat, truncate } from 'node:fs/promises';
import { join } from 'node:path';

/** About a week of a busy installation. With its predecessor, a log takes twice as much. */
const maxLogBytes = 50_000_000;
const everyMs = 60_000;

/**
 * Shortens the logs of these folders every minute. A failure is ignored, because a log must not stop the installation. The
 * next run tries again.
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
 * Moves the content of each `*.log` above this size to `*.log.1`. The processes keep their files open for appending, so a
 * log is copied and emptied, not renamed. Lines that are written between the copy and the emptying are lost.
 * @throws AggregateError for the logs that could not be shortened
 */
export async function shortenLogs(folder: string, maxBytes: number): Promise<void> {
  const faults: unknown[] = [];
  for (const name of await readdir(folder))
    if (name.endsWith('.log')) await shortenLog(join(folder, name), maxBytes).catch((error) => faults.push(error));
  if (faults.length > 0) throw new AggregateError(faults, `${faults.length} logs could not be shortened`);
}

async function shortenLog(file: string, maxBytes: number): Promise<void> {
  if ((await stat(file)).size <= maxBytes) return;
  const predecessor = `${file}.1`;
  try {
    // Frees its space first: the disk may be full.
    await rm(predecessor, { force: true });
    await copyFile(file, predecessor);
  } catch (error) {
    // Without room for a copy, the content is lost: otherwise the log would keep the disk full.
    await rm(predecessor, { force: true });
    throw error;
  } finally {
    await truncate(file);
  }
}
