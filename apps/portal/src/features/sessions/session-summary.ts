import type { Session } from '@spinbay/contracts';

/** How the frames of a session stand, as the list shows it. */
export function frameSummary({ frames }: Pick<Session, 'frames'>) {
  const arrived = frames.processed + frames.failed + frames.published;
  return {
    arrived,
    expected: frames.expected,
    failed: frames.failed,
    pending: frames.pending,
    expired: frames.expired,
    /** 0..1 */
    share: frames.expected === 0 ? 0 : Math.min(1, arrived / frames.expected),
  };
}
