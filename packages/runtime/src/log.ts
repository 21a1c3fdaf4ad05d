import { type Logger, pino } from 'pino';

export type { Logger };

/** Secrets that are removed from logged objects, down to the third level. */
const secretPaths = [
  'token',
  'id_token',
  'password',
  'device_secret',
  'new_secret',
  'enrolment_code',
  'secret',
  'authorization',
  'cookie',
  'upload_url',
].flatMap((key) => [key, `*.${key}`, `*.*.${key}`]);

/** Logs JSON lines to stdout. A process has one logger and passes it down. */
export function createLogger(options: { name: string; level: string }): Logger {
  const settings = {
    level: options.level,
    base: { name: options.name, pid: process.pid },
    timestamp: pino.stdTimeFunctions.isoTime,
    redact: { paths: secretPaths, censor: '[redacted]' },
  };
  // Synchronous, because otherwise the last lines before the process ends, which say why, can get out of order.
  return pino(settings, pino.destination({ dest: 1, sync: true }));
}
