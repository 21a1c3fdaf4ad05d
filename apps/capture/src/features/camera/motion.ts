import type { GreyPicture } from '@spinbay/imaging/kernels';

/**
 * Watches a turntable in the camera's preview. A frame is due when the picture has moved and is still again. One
 * picture (a glance) is examined every `glanceEveryMs`.
 */
export interface MotionWatch {
  readonly phase: 'waiting' | 'moving' | 'settling';
  /** Consecutive glances without movement. */
  readonly still: number;
  readonly last: GreyPicture | null;
}

export const glanceEveryMs = 150;
/** Mean difference of two glances in grey levels. The noise of a phone's preview is below 2. */
const movesAbove = 3;
/** 0.9 s, because a turntable swings a little when it stops. */
const stillGlances = 6;

export const startWatch: MotionWatch = { phase: 'waiting', still: 0, last: null };

/** @returns the next state, and whether to take a frame now */
export function watchMotion(watch: MotionWatch, glance: GreyPicture): { watch: MotionWatch; shoot: boolean } {
  const moves = watch.last !== null && meanDifference(watch.last, glance) > movesAbove;
  if (moves) return { watch: { phase: 'moving', still: 0, last: glance }, shoot: false };
  if (watch.phase === 'waiting') return { watch: { ...watch, last: glance }, shoot: false };
  const still = watch.still + 1;
  if (still < stillGlances) return { watch: { phase: 'settling', still, last: glance }, shoot: false };
  return { watch: { phase: 'waiting', still: 0, last: glance }, shoot: true };
}

/** Ignores changes of the overall brightness, so that a flickering lamp is not a movement. */
function meanDifference(a: GreyPicture, b: GreyPicture): number {
  if (a.data.length !== b.data.length || a.data.length === 0) return 0;
  const mean = ({ data }: GreyPicture) => data.reduce((sum, value) => sum + value, 0) / data.length;
  const shift = mean(b) - mean(a);
  let total = 0;
  for (let i = 0; i < a.data.length; i++) total += Math.abs((b.data[i] ?? 0) - (a.data[i] ?? 0) - shift);
  return total / a.data.length;
}
