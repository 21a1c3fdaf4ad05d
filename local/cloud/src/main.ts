import { join } from 'node:path';
import { createLogger, exitWith, readSettings, runService } from '@spinbay/runtime';
import { startLocalCloud } from './index.ts';

const log = createLogger({ name: 'local-cloud', level: 'info' });

try {
  const settings = readSettings(process.env, [
    'SPINBAY_DATA_DIR',
    'SPINBAY_HOST',
    'SPINBAY_CLOUD_PORT',
    'SPINBAY_CLOUD_DATABASE_URL',
    'AWS_ACCESS_KEY_ID',
    'AWS_SECRET_ACCESS_KEY',
    'AWS_REGION',
    'LOG_LEVEL',
  ]);
  log.level = settings.LOG_LEVEL;
  await runService(log, () =>
    startLocalCloud({
      host: settings.SPINBAY_HOST,
      port: settings.SPINBAY_CLOUD_PORT,
      dataDir: join(settings.SPINBAY_DATA_DIR, 'objects'),
      databaseUrl: settings.SPINBAY_CLOUD_DATABASE_URL,
      accessKeys: [{ accessKeyId: settings.AWS_ACCESS_KEY_ID, secretAccessKey: settings.AWS_SECRET_ACCESS_KEY }],
      region: settings.AWS_REGION,
      log,
    }),
  );
} catch (error) {
  exitWith(log, error);
}
