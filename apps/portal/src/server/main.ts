import { fileURLToPath } from 'node:url';
import {
  createLogger,
  exitWith,
  objectsOriginOf,
  qcThresholdsOf,
  readServiceSettings,
  runService,
} from '@spinbay/runtime';
import { servePortal } from './serve.ts';

function main(): Promise<void> | void {
  const early = createLogger({ name: 'portal', level: 'info' });
  let settings: ReturnType<typeof readServiceSettings<'portal'>>;
  try {
    settings = readServiceSettings('portal', process.env);
  } catch (error) {
    exitWith(early, error);
    return;
  }
  const log = createLogger({ name: 'portal', level: settings.LOG_LEVEL });
  return runService(log, () =>
    servePortal({
      host: settings.SPINBAY_HOST,
      port: settings.SPINBAY_PORTAL_PORT,
      // The bundle of this file is next to the folder of the built app.
      root: fileURLToPath(new URL('./portal/', import.meta.url)),
      config: {
        api_url: settings.SPINBAY_API_URL,
        oidc_issuer: settings.OIDC_ISSUER,
        oidc_client_id: settings.OIDC_CLIENT_ID,
        qc: qcThresholdsOf(settings),
      },
      objectsOrigin: objectsOriginOf(settings),
      ...(settings.SPINBAY_PORTAL_URL === undefined ? {} : { publicUrl: settings.SPINBAY_PORTAL_URL }),
      log,
    }),
  );
}

await main();
