import { QcThresholds } from '@spinbay/contracts';
import { z } from 'zod';

const httpUrl = z.url({ protocol: /^https?$/ }).transform((url) => url.replace(/\/$/, ''));

/** The reply of `GET /config.json` from the portal's server: the settings of the app. */
export const PortalConfig = z.object({
  api_url: httpUrl,
  oidc_issuer: httpUrl,
  oidc_client_id: z.string().min(1),
  /** The thresholds of the installation, until the API has sent those of the organization. */
  qc: QcThresholds,
});
export type PortalConfig = z.output<typeof PortalConfig>;
