import { z } from 'zod';

const httpUrl = z.url({ protocol: /^https?$/ }).transform((url) => url.replace(/\/$/, ''));

/** What `GET /config.json` of the portal's own server answers: the addresses that one build of the app is to use. */
export const PortalConfig = z.object({
  api_url: httpUrl,
  oidc_issuer: httpUrl,
  oidc_client_id: z.string().min(1),
  /** The thresholds that the worker judges by, for the words beside a score. */
  qc: z.object({
    sharpness_fail: z.number(),
    sharpness_warn: z.number(),
    sharpness_1000_fail: z.number().meta({ description: 'of pictures judged at a long side of 1000 px' }),
    sharpness_1000_warn: z.number(),
    clip_fraction: z.number().meta({ description: 'share of pure white or pure black pixels, 0..1' }),
  }),
});
export type PortalConfig = z.output<typeof PortalConfig>;
export type QcThresholds = PortalConfig['qc'];
