import { z } from 'zod';

/** An instant as ISO 8601 with an offset, e.g. `2026-05-04T09:30:00.000Z`, in the years 1 to 9999 of UTC. */
export const Timestamp = z.iso.datetime({ offset: true }).refine((text) => {
  // 9999-12-31T23:59:59-23:59 is well-formed and lies in a year that has no such form.
  const year = new Date(text).getUTCFullYear();
  return !(year < 1 || year > 9999);
}, 'must lie in the years 1 to 9999');
