import { QcThresholds } from '@spinbay/contracts';
import { z } from 'zod';

const httpUrl = z.url({ protocol: /^https?$/ }).transform((url) => url.replace(/\/$/, ''));

/** The installation that the app works with. A browser loads `config.json`; the native app has it from its build. */
export const CaptureConfig = z.object({
  api_url: httpUrl,
  /** The organization for the enrolment, unless a scanned code names another one. */
  org_id: z.uuid().nullable(),
  /** The site that is selected until the operator chooses one. Null: the first of the device's sites. */
  site_id: z.uuid().nullable().default(null),
  /** The thresholds of the installation, until the API has sent those of the organization. */
  qc: QcThresholds,
});
export type CaptureConfig = z.output<typeof CaptureConfig>;
