import type { Logger } from './log.ts';
import { SettingsError } from './settings.ts';

export interface Service {
  /** Stops taking work, lets work in flight end, gives everything back. */
  close(): Promise<void>;
}

/**
 * Runs a process's main: starts it, tells a supervising parent over IPC that it is ready, drains on SIGTERM and SIGINT
 * or when that parent dies, and ends with a plain sentence when it cannot start.
 * @param graceMs how long a drain may take before the process ends regardless
 */
export async function runService(log: Logger, start: () => Promise<Service>, graceMs = 25_000): Promise<void> {
  let service: Service | undefined;
  let stopping = false;
  const stop = async (why: string) => {
    if (stopping) return;
    stopping = true;
    log.info({ why }, 'stopping');
    setTimeout(() => {
      log.error({ graceMs }, 'the drain took too long');
      process.exit(1);
    }, graceMs).unref();
    try {
      await service?.close();
      log.info('stopped');
      process.exit(0);
    } catch (error) {
      log.error({ err: error }, 'stopping failed');
      process.exit(1);
    }
  };
  process.on('SIGTERM', () => void stop('SIGTERM'));
  process.on('SIGINT', () => void stop('SIGINT'));
  // A supervisor that was killed closes its end of the channel: without this its children would live on, unseen.
  process.on('disconnect', () => void stop('the supervisor is gone'));
  try {
    service = await start();
  } catch (error) {
    exitWith(log, error);
    return;
  }
  process.send?.({ ready: true });
}

/** Ends the process because of an error at its start, told in one place for all processes. */
export function exitWith(log: Logger, error: unknown): void {
  if (error instanceof SettingsError) log.fatal(error.message);
  else log.fatal({ err: error }, error instanceof Error ? error.message : 'cannot start');
  process.exitCode = 1;
  setTimeout(() => process.exit(1), 200).unref();
}
