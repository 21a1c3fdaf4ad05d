import { z } from 'zod';

/** What the device keeps of its enrolment. The secret is made here and kept before it is sent. */
export const DeviceRecord = z.object({
  api: z.string(),
  org_id: z.string(),
  device_id: z.string(),
  device_secret: z.string(),
  /** The server has answered. Before, the same request is sent again after a lost reply. */
  enrolled: z.boolean(),
  token: z.object({ value: z.string(), expires_at: z.string() }).nullable(),
});
export type DeviceRecord = z.output<typeof DeviceRecord>;
