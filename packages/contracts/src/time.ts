import { z } from 'zod';

/** An instant as ISO 8601 with an offset, e.g. `2026-05-04T09:30:00.000Z`, in the years 1 to 9999 of UTC. */
export const Timestamp = z.iso.datetime({ offset: true }).refine((text) => {
  // 9999-12-31T23:59:59-23:59 is well-formed, but lies in the year 10000 of UTC.
  const year = new Date(text).getUTCFullYear();
  return !(year < 1 || year > 9999);
}, 'must lie in the years 1 to 9999');

/** The first plausible year: clocks that were never set start in 1970, 1980 or 1999. */
const firstYear = 2000;
/** How far a clock may be ahead, in ms. A camera with a wrong time zone is hardly ever off by more. */
const maxAheadMs = 24 * 3_600_000;

/** Whether the clock of a client or of a camera can plausibly show this: from the year 2000 to a day from now. */
export function isPlausibleTime(time: Date, now = Date.now()): boolean {
  return time.getUTCFullYear() >= firstYear && time.getTime() <= now + maxAheadMs;
}

/** When something happened, by the clock of a client. */
export const ReportedTime = Timestamp.refine(
  // `Timestamp` has already reported a value that is not a time.
  (text) => Number.isNaN(Date.parse(text)) || isPlausibleTime(new Date(text)),
  `is before the year ${firstYear} or more than a day in the future: check the clock`,
).meta({ description: `by the clock of the client: from the year ${firstYear} to a day ahead of the server` });
