import { readFile } from 'node:fs/promises';
import { createLogger, exitWith, readServiceSettings, runService } from '@spinbay/runtime';
import { startGateway } from './gateway.ts';
import { certificateFiles } from './layout.ts';

const fallbackLog = createLogger({ name: 'gateway', level: 'info' });
try {
  const settings = readServiceSettings('gateway', process.env);
  const log = createLogger({ name: 'gateway', level: settings.LOG_LEVEL });
  const files = certificateFiles(settings.SPINBAY_DATA_DIR);
  const at = (port: number) => `http://127.0.0.1:${port}`;
  const { SPINBAY_CLOUD_PORT: cloud, SPINBAY_OIDC_PORT: oidc } = settings;
  await runService(log, async () => {
    const [key, cert, authority] = await Promise.all([
      readFile(files.key, 'utf8'),
      readFile(files.cert, 'utf8'),
      readFile(files.authority, 'utf8'),
    ]);
    const gateway = await startGateway({
      host: settings.SPINBAY_LAN_ADDRESS,
      port: settings.SPINBAY_LAN_PORT,
      publicUrl: settings.SPINBAY_PUBLIC_URL,
      certificate: { key, cert, authority },
      bucket: settings.S3_BUCKET,
      upstreams: {
        portal: at(settings.SPINBAY_PORTAL_PORT),
        api: at(settings.SPINBAY_API_PORT),
        capture: at(settings.SPINBAY_CAPTURE_PORT),
        ...(oidc === undefined ? {} : { oidc: at(oidc) }),
        ...(cloud === undefined ? {} : { objects: at(cloud) }),
      },
      log,
    });
    log.info({ url: settings.SPINBAY_PUBLIC_URL }, 'listening');
    return gateway;
  });
} catch (error) {
  exitWith(fallbackLog, error);
}
