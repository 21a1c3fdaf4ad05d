import type { Session } from '@spinbay/contracts';

export function frameSummary({ frames }: Pick<Session, 'frames'>) {
  const { expected, failed, warned, expired, pending, published } = frames;
  const arrived = frames.processed + failed + published;
  /** 0..1 */
  const share = expected === 0 ? 0 : Math.min(1, arrived / expected);
  return { arrived, expected, share, failed, warned, expired, pending, published };
}
