import { QcThresholds } from '@spinbay/contracts';
import { z } from 'zod';

const httpUrl = z.url({ protocol: /^https?$/ }).transform((url) => url.replace(/\/$/, ''));

/** The reply of `GET /config.json` from the app's server. It describes the installation that the app works with. */
export const CaptureConfig = z.object({
  api_url: httpUrl,
  /** The organization for the enrolment, unless a scanned code names another one. */
  org_id: z.uuid().nullable(),
  /** The thresholds of the worker. */
  qc: QcThresholds,
});
export type CaptureConfig = z.output<typeof CaptureConfig>;
