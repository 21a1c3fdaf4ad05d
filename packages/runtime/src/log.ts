import { type Logger, pino } from 'pino';

export type { Logger };

/** Fields whose values are redacted in logged objects, down to the third level. */
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
  // Synchronous: otherwise, the last lines of a process, which say why it ended, can be written out of order.
  return pino(settings, pino.destination({ dest: 1, sync: true }));
}
