import { fileURLToPath } from 'node:url';
import { objectsOriginOf, qcThresholdsOf, runAppServer, serveApp } from '@spinbay/runtime';
import type { CaptureConfig } from '../capture-config.ts';
import { securityHeaders } from './security-headers.ts';

await runAppServer('capture', (settings, log) => {
  const config: CaptureConfig = {
    api_url: settings.SPINBAY_API_URL,
    org_id: settings.SPINBAY_CAPTURE_ORG_ID ?? null,
    site_id: null,
    qc: qcThresholdsOf(settings),
  };
  return serveApp({
    name: 'capture app',
    host: settings.SPINBAY_HOST,
    port: settings.SPINBAY_CAPTURE_PORT,
    // The bundle of this file is next to the folder of the built app.
    root: fileURLToPath(new URL('./capture/', import.meta.url)),
    config,
    headers: securityHeaders(config, objectsOriginOf(settings)),
    publicUrl: settings.SPINBAY_CAPTURE_URL,
    log,
  });
});
