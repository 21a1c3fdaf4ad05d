/** A clock that was never set says a time before this. */
const earliest = Date.UTC(2000, 0, 1);
/** Time zones that a camera got wrong stay within it. */
const ahead = 24 * 3_600_000;

/** Whether a photo can have been taken then: from 2000 until tomorrow. */
export function isCaptureTime(time: Date, now = Date.now()): boolean {
  return time.getTime() >= earliest && time.getTime() <= now + ahead;
}
