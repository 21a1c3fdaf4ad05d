import type { Image } from './images.ts';

/**
 * How a frame was judged:
 * - `pass`: nothing to note
 * - `warn`: good enough, with something to note
 * - `fail`: not good enough, or it could not be read; also where a reviewer published it nevertheless
 */
export type Verdict = 'pass' | 'warn' | 'fail';

const judgedStatuses: ReadonlySet<string> = new Set<Image['status']>(['processed', 'published']);

/**
 * The one meaning of "passed": every count, badge and bulk action asks here. Core says the same in SQL, and a test
 * compares the two.
 * A later server may judge parts in words that are not known here: what is neither a pass nor a fail is a warning.
 * @returns null where the frame was not judged (yet), or its status is not known here
 */
export function verdictOf(image: Pick<Image, 'status' | 'qc'>): Verdict | null {
  if (image.status === 'failed') return 'fail';
  if (!judgedStatuses.has(image.status) || !image.qc) return null;
  const { sharpness, exposure, size, damage } = image.qc;
  const statuses = [sharpness.status, exposure.status, size?.status, damage?.status];
  if (statuses.includes('fail')) return 'fail';
  return statuses.every((status) => status === undefined || status === 'pass') ? 'pass' : 'warn';
}
