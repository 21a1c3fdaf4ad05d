import { hashDistance, type ImageId, type Qc, type ShotList, type SpinQc, slotKey, slotsOf } from '@spinbay/contracts';

/** The row of a slot's current frame. */
export interface SpinFrame {
  readonly id: ImageId;
  readonly angle_deg: number | null;
  readonly qc: Qc | null;
  readonly phash: string | null;
}

/** A slot of the spin with its frame. */
interface Place {
  readonly angle: number;
  readonly frame: SpinFrame | undefined;
}

interface PlacedFrame {
  readonly angle: number;
  readonly frame: SpinFrame;
}

/** With fewer frames the median means nothing. */
const fewestFrames = 5;
/** Below this median distance of neighbours the hash cannot detect a step of the turntable. */
const smallestStep = 4;
/** A frame may look like this many slots on either side without being a duplicate. */
const neighbourhood = 2;
/** The brightness of the front and the side of the same car differs by about 0.45 stops. */
const exposureStops = 0.6;
const whiteBalanceShare = 0.08;
/** An outlier differs from the median by this many median deviations (three standard deviations of normal noise). */
const deviations = 4.45;
/** Grey values are roughly the 2.2th root of the light intensity. */
const gamma = 2.2;

/**
 * Compares the frames of a spin with each other, relative to the medians of the spin, because cars, studios and numbers of
 * frames differ. In doubt it reports nothing. Pure.
 *
 * @param frames the current frame of each slot; frames that are not part of the spin are ignored
 * @returns null if the shot list has no spin
 */
export function compareSpin(shotList: ShotList, frames: readonly SpinFrame[]): SpinQc | null {
  if (shotList.studio360 === undefined) return null;
  const bySlot = new Map(frames.map((frame) => [slotKey({ angle_deg: frame.angle_deg, shot_name: null }), frame]));
  const places = slotsOf({ studio360: shotList.studio360 }).map((slot) => ({
    angle: slot.angle_deg ?? 0,
    frame: bySlot.get(slotKey(slot)),
  }));
  return {
    missing: places.filter(({ frame }) => frame === undefined).map(({ angle }) => angle),
    exposure: exposureDrift(places),
    white_balance: whiteBalanceDrift(places),
    ...compareAngles(places),
  };
}

function exposureDrift(places: readonly Place[]): SpinQc['exposure'] {
  // One more grey level, so that a black frame also has a number of stops.
  const lit = centres(places).map((each) => ({ ...each, value: gamma * Math.log2(each.centre.luma + 1) }));
  return outliers(lit, exposureStops).map(({ by, ...each }) => ({ ...refOf(each), stops: by }));
}

function whiteBalanceDrift(places: readonly Place[]): SpinQc['white_balance'] {
  const all = centres(places);
  const against = (channel: 'red' | 'blue') =>
    all.map((each) => ({ ...each, value: Math.log((each.centre[channel] + 1) / (each.centre.green + 1)) }));
  const [red, blue] = [outliers(against('red'), whiteBalanceShare), outliers(against('blue'), whiteBalanceShare)];
  const off = (list: typeof red, frame: SpinFrame) => Math.expm1(list.find((each) => each.frame === frame)?.by ?? 0);
  return all
    .filter(({ frame }) => [...red, ...blue].some((each) => each.frame === frame))
    .map((each) => ({ ...refOf(each), red: off(red, each.frame), blue: off(blue, each.frame) }));
}

function centres(places: readonly Place[]) {
  return places.flatMap(({ angle, frame }) => {
    const centre = frame?.qc?.exposure.centre;
    return frame === undefined || centre === undefined ? [] : [{ angle, frame, centre }];
  });
}

/** Values that differ from the median by more than `least` and more than the usual spread. */
function outliers<T extends { readonly value: number }>(all: readonly T[], least: number): (T & { by: number })[] {
  if (all.length < fewestFrames) return [];
  const middle = median(all.map(({ value }) => value));
  const spread = median(all.map(({ value }) => Math.abs(value - middle)));
  const limit = Math.max(least, deviations * spread);
  return all.map((each) => ({ ...each, by: each.value - middle })).filter(({ by }) => Math.abs(by) > limit);
}

type Angles = Pick<SpinQc, 'step' | 'repeated' | 'skipped' | 'near_duplicates'>;

function compareAngles(places: readonly Place[]): Angles {
  const count = places.length;
  /** Distance between slot `k` (any integer: the spin is a circle) and slot `k + apart`; null if one is empty. */
  const apart = (k: number, by: number): number | null => {
    const [one, other] = [hashAt(places, k), hashAt(places, k + by)];
    return one === null || other === null ? null : hashDistance(one, other);
  };
  const typical = (by: number) => median(places.map((_, k) => apart(k, by)).filter((bits) => bits !== null));
  const neighbours = places.map((_, k) => apart(k, 1)).filter((bits) => bits !== null);
  const step = neighbours.length < fewestFrames ? 0 : median(neighbours);
  if (step < smallestStep) return { step: null, repeated: [], skipped: [], near_duplicates: [] };

  const same = Math.floor(step / 4);
  const [twoSteps, threeSteps] = [typical(2), typical(3)];
  const isSkip = (k: number): boolean => {
    const [before, across, after] = [apart(k - 1, 1), apart(k, 1), apart(k + 1, 1)];
    if (before === null || across === null || after === null) return false;
    // The symmetric front view has an unusual hash, far from both neighbours. So both adjacent steps must be small.
    if (across < 2 * Math.max(before, after)) return false;
    return (
      across >= step &&
      (apart(k - 1, 2) ?? 0) >= twoSteps &&
      (apart(k, 2) ?? 0) >= twoSteps &&
      (apart(k - 1, 3) ?? 0) >= threeSteps
    );
  };
  const found: Angles = { step, repeated: [], skipped: [], near_duplicates: [] };
  for (let k = 0; k < count; k++) {
    const distance = apart(k, 1);
    if (distance === null) continue;
    if (distance <= same) found.repeated.push(pairOf(places, k, k + 1, distance));
    else if (isSkip(k)) found.skipped.push(pairOf(places, k, k + 1, distance));
  }
  for (let k = 0; k < count; k++) {
    for (let by = neighbourhood + 1; k + by < count && by < count - neighbourhood; by++) {
      const distance = apart(k, by);
      if (distance !== null && distance <= same) found.near_duplicates.push(pairOf(places, k, k + by, distance));
    }
  }
  return found;
}

function placeAt(places: readonly Place[], k: number): Place | undefined {
  return places[(k + places.length) % places.length];
}

function hashAt(places: readonly Place[], k: number): string | null {
  return placeAt(places, k)?.frame?.phash ?? null;
}

function pairOf(places: readonly Place[], k: number, other: number, distance: number) {
  return { first: refAt(places, k), second: refAt(places, other), distance };
}

function refAt(places: readonly Place[], k: number) {
  const place = placeAt(places, k);
  if (place?.frame === undefined) throw new Error(`slot ${k} of the spin is empty`);
  return refOf({ angle: place.angle, frame: place.frame });
}

function refOf({ angle, frame }: PlacedFrame) {
  return { image_id: frame.id, angle_deg: angle };
}

function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const [low, high] = [sorted[(sorted.length - 1) >> 1], sorted[sorted.length >> 1]];
  return low === undefined || high === undefined ? 0 : (low + high) / 2;
}
