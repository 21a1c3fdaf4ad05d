import { fileURLToPath } from 'node:url';
import { createLogger, exitWith, readSettings, runService } from '@spinbay/runtime';
import { servePortal } from './serve.ts';

const names = [
  'SPINBAY_HOST',
  'SPINBAY_PORTAL_PORT',
  'SPINBAY_API_URL',
  'OIDC_ISSUER',
  'OIDC_CLIENT_ID',
  'S3_BUCKET',
  'AWS_REGION',
  'QC_SHARPNESS_FAIL',
  'QC_SHARPNESS_WARN',
  'QC_SHARPNESS_1000_FAIL',
  'QC_SHARPNESS_1000_WARN',
  'QC_CLIP_FRACTION',
  'LOG_LEVEL',
] as const;

function main(): Promise<void> | void {
  const early = createLogger({ name: 'portal', level: 'info' });
  let settings: ReturnType<typeof readPortalSettings>;
  try {
    settings = readPortalSettings();
  } catch (error) {
    exitWith(early, error);
    return;
  }
  const log = createLogger({ name: 'portal', level: settings.LOG_LEVEL });
  return runService(log, () =>
    servePortal({
      host: settings.SPINBAY_HOST,
      port: settings.SPINBAY_PORTAL_PORT,
      // The bundle of this file and the folder of the built app are made side by side.
      root: fileURLToPath(new URL('./portal/', import.meta.url)),
      config: {
        api_url: settings.SPINBAY_API_URL,
        oidc_issuer: settings.OIDC_ISSUER,
        oidc_client_id: settings.OIDC_CLIENT_ID,
        qc: {
          sharpness_fail: settings.QC_SHARPNESS_FAIL,
          sharpness_warn: settings.QC_SHARPNESS_WARN,
          sharpness_1000_fail: settings.QC_SHARPNESS_1000_FAIL,
          sharpness_1000_warn: settings.QC_SHARPNESS_1000_WARN,
          clip_fraction: settings.QC_CLIP_FRACTION,
        },
      },
      objectsOrigin: settings.S3_ENDPOINT ?? `https://${settings.S3_BUCKET}.s3.${settings.AWS_REGION}.amazonaws.com`,
      ...(settings.SPINBAY_PORTAL_URL === undefined ? {} : { publicUrl: settings.SPINBAY_PORTAL_URL }),
      log,
    }),
  );
}

function readPortalSettings() {
  return readSettings(process.env, names, ['S3_ENDPOINT', 'SPINBAY_PORTAL_URL']);
}

await main();
