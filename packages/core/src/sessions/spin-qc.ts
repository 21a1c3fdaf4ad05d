import { type ShotList, type SpinQc, slotKey, slotsOf } from '@spinbay/contracts';
import { besideSwaps, findOrder, findSwaps } from './spin-order.ts';
import { findLight, findSoft } from './spin-outliers.ts';
import type { Place, SpinFrame } from './spin-places.ts';

/**
 * Compares each frame of a spin with its neighbours and with the medians of the spin. Fixed limits would not suit all
 * cars, studios and numbers of frames. If in doubt, it reports nothing. Pure.
 *
 * @param frames the current frame of each slot; frames that are not part of the spin are ignored
 * @returns null if the shot list has no spin
 */
export function compareSpin(shotList: ShotList, frames: readonly SpinFrame[]): SpinQc | null {
  if (shotList.studio360 === undefined) return null;
  const bySlot = new Map(frames.map((frame) => [slotKey({ angle_deg: frame.angle_deg, shot_name: null }), frame]));
  const places = slotsOf({ studio360: shotList.studio360 }).map(
    (slot): Place => ({ angle: slot.angle_deg ?? 0, frame: bySlot.get(slotKey(slot)) }),
  );
  const swaps = findSwaps(places);
  const light = findLight(places, besideSwaps(swaps, places.length));
  const oddLight = new Set([...light.exposure, ...light.white_balance].map(({ angle_deg }) => angle_deg));
  return {
    missing: places.filter(({ frame }) => frame === undefined).map(({ angle }) => angle),
    ...light,
    soft: findSoft(places),
    ...findOrder(places, swaps, oddLight),
  };
}
