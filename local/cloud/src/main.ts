import { join } from 'node:path';
import { maxImageBytes } from '@spinbay/contracts';
import { createLogger, exitWith, readServiceSettings, runService } from '@spinbay/runtime';
import { startLocalCloud } from './index.ts';
import { withPermissions } from './roles.ts';

const log = createLogger({ name: 'local-cloud', level: 'info' });

try {
  const settings = readServiceSettings('cloud', process.env);
  log.level = settings.LOG_LEVEL;
  await runService(log, () =>
    startLocalCloud({
      host: settings.SPINBAY_HOST,
      port: settings.SPINBAY_CLOUD_PORT,
      dataDir: join(settings.SPINBAY_DATA_DIR, 'objects'),
      databaseUrl: settings.SPINBAY_CLOUD_DATABASE_URL,
      accessKeys: withPermissions(settings.SPINBAY_CLOUD_ACCESS_KEYS, settings.WORKER_DELETIONS === 'on'),
      maxObjectBytes: maxImageBytes,
      region: settings.AWS_REGION,
      log,
    }),
  );
} catch (error) {
  exitWith(log, error);
}
