import { z } from 'zod';

/**
 * The stored enrolment of the device. The device generates its first secret, and stores it before it sends it. Replies of
 * the server may replace the secret.
 */
export const DeviceRecord = z.object({
  api: z.string(),
  org_id: z.string(),
  device_id: z.string(),
  device_secret: z.string(),
  /** Whether the server has confirmed the enrolment. Until then the app repeats the same request. */
  enrolled: z.boolean(),
  token: z.object({ value: z.string(), expires_at: z.string() }).nullable(),
});
export type DeviceRecord = z.output<typeof DeviceRecord>;
