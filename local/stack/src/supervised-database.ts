import { setTimeout as sleep } from 'node:timers/promises';
import type { RunningPostgres } from '@spinbay/local-postgres';

export interface SupervisedDatabase {
  readonly url: string;
  stop(): Promise<void>;
}

/** Keeps the local PostgreSQL running: when it ends unasked it is started again, on the same port. */
export async function superviseDatabase(options: {
  start: () => Promise<RunningPostgres>;
  onRestart: () => void;
}): Promise<SupervisedDatabase> {
  let stopping = false;
  let server = await options.start();
  const watch = async () => {
    for (let failures = 0; ; ) {
      const began = Date.now();
      await server.exited;
      if (stopping) return;
      failures = Date.now() - began > 60_000 ? 0 : failures + 1;
      options.onRestart();
      await sleep(Math.min(10_000, 100 * 2 ** failures));
      if (stopping) return;
      server = await options.start().catch(() => server);
    }
  };
  const watching = watch();
  return {
    url: server.url,
    stop: async () => {
      stopping = true;
      await server.stop('fast');
      await watching;
    },
  };
}
