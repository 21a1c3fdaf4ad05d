import { QcThresholds } from '@spinbay/contracts';
import { z } from 'zod';

const httpUrl = z.url({ protocol: /^https?$/ }).transform((url) => url.replace(/\/$/, ''));

/** What `GET /config.json` of the app's own server answers: the installation that one build of the app works with. */
export const CaptureConfig = z.object({
  api_url: httpUrl,
  /** Of the enrolment, unless a scanned code names another one. */
  org_id: z.uuid().nullable(),
  /** The thresholds that the worker judges by. */
  qc: QcThresholds,
});
export type CaptureConfig = z.output<typeof CaptureConfig>;
