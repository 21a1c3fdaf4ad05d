import { fileURLToPath } from 'node:url';
import { objectsOriginOf, qcThresholdsOf, runAppServer } from '@spinbay/runtime';
import { servePortal } from './serve.ts';

await runAppServer('portal', (settings, log) =>
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
    tokenOrigin: settings.OIDC_ENDPOINT_ORIGIN,
    publicUrl: settings.SPINBAY_PORTAL_URL,
    log,
  }),
);
