import { QcThresholds } from '@spinbay/contracts';
import { z } from 'zod';

const httpUrl = z.url({ protocol: /^https?$/ }).transform((url) => url.replace(/\/$/, ''));

/** What `GET /config.json` of the portal's own server answers: the addresses that one build of the app is to use. */
export const PortalConfig = z.object({
  api_url: httpUrl,
  oidc_issuer: httpUrl,
  oidc_client_id: z.string().min(1),
  /** The thresholds that the worker judges by, for the words beside a score. */
  qc: QcThresholds,
});
export type PortalConfig = z.output<typeof PortalConfig>;
