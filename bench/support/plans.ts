import type { BenchDatabase } from './database.ts';

/** Server settings for reading plans: auto_explain writes to a log of JSON lines. */
export const planSettings = { logging_collector: 'on', log_destination: "'jsonlog'" };

const tablesThatGrow = 'sessions|slots|images|uploads|events|vehicles';

/** The executed plans of the API's statements, from auto_explain, so that no copy of a statement can become outdated. */
export interface Plans {
  /** Makes new connections of the API's role log their plans. */
  start(): Promise<void>;
  stop(): Promise<void>;
  /** The plans since the last call. */
  take(): Promise<Plan[]>;
}

interface Plan {
  readonly text: string;
  /** Growing tables that were read completely. */
  readonly scanned: readonly string[];
}

export function readPlans({ admin }: BenchDatabase): Plans {
  let seen = 0;
  const readLog = async () => {
    const { rows } = await admin.query<{ lines: string }>(
      `select pg_read_file(pg_current_logfile('jsonlog'), $1, 100000000) as lines`,
      [seen],
    );
    const lines = rows[0]?.lines ?? '';
    seen += Buffer.byteLength(lines);
    return lines;
  };
  return {
    start: async () => {
      for (const setting of [
        `session_preload_libraries = 'auto_explain'`,
        'auto_explain.log_min_duration = 0',
        'auto_explain.log_analyze = on',
        'auto_explain.log_timing = off',
      ])
        await admin.query(`alter role spinbay_app set ${setting}`);
      await readLog();
    },
    stop: async () => {
      await admin.query('alter role spinbay_app reset all');
    },
    take: async () => {
      const lines = await readLog();
      return lines
        .split('\n')
        .filter((line) => line !== '')
        .map((line) => (JSON.parse(line) as { message?: string }).message ?? '')
        .filter((message) => / plan:\n/.test(message))
        .map((message) => {
          const text = message.slice(message.indexOf('\n') + 1);
          const scanned = [...text.matchAll(new RegExp(`Seq Scan on (${tablesThatGrow})\\b`, 'g'))].map(
            (m) => m[1] ?? '',
          );
          return { text, scanned };
        });
    },
  };
}
