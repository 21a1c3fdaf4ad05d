import type { Image } from './images.ts';

/**
 * The verdict of a frame:
 * - `pass`: nothing to note
 * - `warn`: good enough, with something to note
 * - `fail`: not good enough or unreadable, even if a reviewer published it anyway
 */
export type Verdict = 'pass' | 'warn' | 'fail';

const judgedStatuses: ReadonlySet<string> = new Set<Image['status']>(['processed', 'published']);

/**
 * The definition of "passed": every count, badge and bulk action uses it. Core has the same rule in SQL, and a test
 * compares the two. A later server may send statuses that are unknown here: any status but `pass` and `fail` is a warning.
 * @returns null if the frame was not judged yet, or if its status is unknown
 */
export function verdictOf(image: Pick<Image, 'status' | 'qc'>): Verdict | null {
  if (image.status === 'failed') return 'fail';
  if (!judgedStatuses.has(image.status) || !image.qc) return null;
  const { sharpness, exposure, size, damage } = image.qc;
  const statuses = [sharpness.status, exposure.status, size?.status, damage?.status];
  if (statuses.includes('fail')) return 'fail';
  return statuses.every((status) => status === undefined || status === 'pass') ? 'pass' : 'warn';
}
