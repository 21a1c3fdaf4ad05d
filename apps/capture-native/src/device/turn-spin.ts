import type { SpinFrame } from '@spinbay/capture/platform/spin-frame.ts';

/** The position after turning by some frames. Not rounded, so that a slow drag adds up. */
export function turn(position: number, by: number, count: number): number {
  if (count === 0) return 0;
  return (((position + by) % count) + count) % count;
}

/** The frame at a position, or the next one that has a picture. */
export function frameAt(frames: readonly SpinFrame[], position: number): SpinFrame | null {
  const at = Math.floor(position) % Math.max(1, frames.length);
  const around = [...frames.slice(at), ...frames.slice(0, at)];
  return around.find(({ url }) => url !== null) ?? around[0] ?? null;
}
