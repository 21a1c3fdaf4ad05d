import type { Logger } from './log.ts';
import { SettingsError } from './settings.ts';

export interface Service {
  /** Stops taking work, finishes work in flight and releases all resources. */
  close(): Promise<void>;
}

/**
 * Runs the main function of a process. Reports readiness to a supervisor over IPC. Drains on SIGTERM and SIGINT, or when the
 * supervisor dies. If the start fails, logs the reason and exits.
 * @param graceMs the time limit of a drain, after which the process exits
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
  // The channel closes when the supervisor is killed. Without this, its children would keep running.
  process.on('disconnect', () => void stop('the supervisor has ended'));
  try {
    service = await start();
  } catch (error) {
    exitWith(log, error);
    return;
  }
  process.send?.({ ready: true });
}

/** Logs the error of a failed start and exits. */
export function exitWith(log: Logger, error: unknown): void {
  if (error instanceof SettingsError) log.fatal(error.message);
  else log.fatal({ err: error }, error instanceof Error ? error.message : 'cannot start');
  process.exitCode = 1;
  setTimeout(() => process.exit(1), 200).unref();
}
