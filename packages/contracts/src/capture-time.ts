/** A clock that was never set shows an earlier time. */
const earliest = Date.UTC(2000, 0, 1);
/** A camera with a wrong time zone is off by less than this. */
const ahead = 24 * 3_600_000;

/** Whether a photo can have been taken at this time: from 2000 until tomorrow. */
export function isCaptureTime(time: Date, now = Date.now()): boolean {
  return time.getTime() >= earliest && time.getTime() <= now + ahead;
}
