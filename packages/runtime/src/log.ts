import { type Logger, pino } from 'pino';

export type { Logger };

/** Never written, down to the third level of a logged object: what would let a reader of logs act as somebody else. */
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

/** JSON lines on stdout; one logger per process, handed down. */
export function createLogger(options: { name: string; level: string }): Logger {
  const settings = {
    level: options.level,
    base: { name: options.name, pid: process.pid },
    timestamp: pino.stdTimeFunctions.isoTime,
    redact: { paths: secretPaths, censor: '[redacted]' },
  };
  // At once, as the default loses the order of the last lines when the process ends: just those that say why.
  return pino(settings, pino.destination({ dest: 1, sync: true }));
}
