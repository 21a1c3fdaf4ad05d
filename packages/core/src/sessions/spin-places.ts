import type { ImageId, Qc } from '@spinbay/contracts';

/** The row of a slot's current frame. */
export interface SpinFrame {
  readonly id: ImageId;
  readonly angle_deg: number | null;
  readonly qc: Qc | null;
  readonly phash: string | null;
  /** Null for frames that were measured before colour grids existed. */
  readonly colour_grid: Uint8Array | null;
}

/** A slot of the spin with its frame. */
export interface Place {
  readonly angle: number;
  readonly frame: SpinFrame | undefined;
}

/** With fewer frames a median is not meaningful. */
export const minFrames = 5;

/** Slot `k`, counted around the circle, so `k` may be any whole number. */
export function placeAt(places: readonly Place[], k: number): Place {
  const place = places[((k % places.length) + places.length) % places.length];
  if (place === undefined) throw new Error('a spin without slots');
  return place;
}

export function gridAt(places: readonly Place[], k: number): Uint8Array | null {
  return placeAt(places, k).frame?.colour_grid ?? null;
}

export function refAt(places: readonly Place[], k: number) {
  const { angle, frame } = placeAt(places, k);
  if (frame === undefined) throw new Error(`slot ${k} of the spin is empty`);
  return { image_id: frame.id, angle_deg: angle };
}

/** How many slots two slots are apart, the shorter way around the circle. */
export function circleDistance(one: number, other: number, count: number): number {
  const apart = Math.abs(one - other);
  return Math.min(apart, count - apart);
}

export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const [low, high] = [sorted[(sorted.length - 1) >> 1], sorted[sorted.length >> 1]];
  return low === undefined || high === undefined ? 0 : (low + high) / 2;
}
