import type { Image } from './images.ts';

/**
 * How a frame was judged:
 * - `pass`: nothing to note
 * - `warn`: good enough, with something to note
 * - `fail`: not good enough, or it could not be read; also where a reviewer published it nevertheless
 */
export type Verdict = 'pass' | 'warn' | 'fail';

/**
 * The one meaning of "passed": every count, badge and bulk action asks here. Core says the same in SQL, and a test
 * compares the two.
 * @returns null where the frame was not judged (yet)
 */
export function verdictOf(image: Pick<Image, 'status' | 'qc'>): Verdict | null {
  if (image.status === 'pending' || image.status === 'expired') return null;
  if (image.status === 'failed') return 'fail';
  if (!image.qc) return null;
  const { sharpness, exposure, size, damage } = image.qc;
  const statuses = [sharpness.status, exposure.status, size?.status, damage?.status];
  if (statuses.includes('fail')) return 'fail';
  return statuses.includes('warn') ? 'warn' : 'pass';
}
