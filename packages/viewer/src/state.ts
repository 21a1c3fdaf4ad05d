import { nearest, widestGap, wrap } from './circle.ts';
import { type FrameQc, pictureKey, type ViewerFrame } from './frames.ts';
import { unzoomed, type Zoom } from './zoom.ts';

/** The state of the picture for turning. `none`: the frame has no URL. `failed`: its URL could not be loaded. */
export type Picture = 'none' | 'waiting' | 'loading' | 'ready' | 'failed';

export interface Slot {
  readonly frame: ViewerFrame;
  readonly picture: Picture;
}

export interface ViewerState {
  /** Sorted by angle, without duplicates. */
  readonly slots: readonly Slot[];
  /** The current angle, 0 to 360 degrees. Can be between frames during a drag. */
  readonly angle: number;
  readonly playing: boolean;
  readonly zoom: Zoom;
}

export type Action =
  | { readonly type: 'frames'; readonly frames: readonly ViewerFrame[] }
  | { readonly type: 'picture'; readonly key: string; readonly picture: Picture }
  | { readonly type: 'turn'; readonly angle: number }
  | { readonly type: 'step'; readonly by: number }
  | { readonly type: 'settle' }
  | { readonly type: 'play'; readonly on: boolean }
  | { readonly type: 'zoom'; readonly zoom: Zoom };

export function initialState(angle = 0): ViewerState {
  return { slots: [], angle: Number.isFinite(angle) ? wrap(angle) : 0, playing: false, zoom: unzoomed };
}

export function reduce(state: ViewerState, action: Action): ViewerState {
  switch (action.type) {
    case 'frames':
      return { ...state, slots: mergeFrames(state.slots, action.frames) };
    case 'picture':
      return {
        ...state,
        slots: state.slots.map((slot) =>
          pictureKey(slot.frame) === action.key ? { ...slot, picture: action.picture } : slot,
        ),
      };
    case 'turn':
      return { ...state, angle: wrap(action.angle) };
    case 'step': {
      const count = state.slots.length;
      if (count === 0) return state;
      const next = state.slots[(((currentSlot(state) + action.by) % count) + count) % count];
      return { ...state, angle: next?.frame.angle_deg ?? state.angle };
    }
    case 'settle':
      return { ...state, angle: state.slots[currentSlot(state)]?.frame.angle_deg ?? state.angle };
    case 'play':
      return { ...state, playing: action.on && state.slots.length > 1 };
    case 'zoom':
      return { ...state, zoom: action.zoom };
  }
}

/** Merges new frames and keeps loaded pictures. A failed picture is retried only under a new URL. */
function mergeFrames(before: readonly Slot[], frames: readonly ViewerFrame[]): Slot[] {
  const known = new Map(before.map((slot) => [pictureKey(slot.frame), slot]));
  const slots = new Map<number, Slot>();
  for (const given of frames) {
    if (!Number.isFinite(given.angle_deg)) continue;
    const frame = { ...given, angle_deg: wrap(given.angle_deg) };
    if (slots.has(frame.angle_deg)) continue;
    const key = pictureKey(frame);
    const old = key === null ? undefined : known.get(key);
    const kept = old && (old.picture !== 'failed' || old.frame.src600 === frame.src600) ? old.picture : 'waiting';
    slots.set(frame.angle_deg, { frame, picture: key === null ? 'none' : kept });
  }
  return [...slots.values()].sort((a, b) => a.frame.angle_deg - b.frame.angle_deg);
}

function angles(state: ViewerState): number[] {
  return state.slots.map((slot) => slot.frame.angle_deg);
}

/** The slot nearest to the angle, with or without a picture. -1 without slots. */
export function currentSlot(state: ViewerState): number {
  return nearest(angles(state), state.angle);
}

/** The slot whose picture is shown: the current one, or the nearest one with a picture. -1 without pictures. */
export function shownSlot(state: ViewerState): number {
  const current = state.slots[currentSlot(state)];
  return current ? nearest(angles(state), current.frame.angle_deg, (i) => state.slots[i]?.picture === 'ready') : -1;
}

/** The displayed status of a slot: the verdict, or why there is none. */
export type SlotStatus = FrameQc | 'unreachable';

export function statusOf(slot: Slot): SlotStatus {
  if (slot.picture === 'failed') return 'unreachable';
  if (slot.picture === 'none' && slot.frame.qc !== 'fail' && slot.frame.qc !== 'pending') return 'missing';
  return slot.frame.qc;
}

/** Whether the slot has no picture and none will be loaded. */
export function isGap(slot: Slot): boolean {
  return slot.picture === 'none' || slot.picture === 'failed';
}

export interface Progress {
  readonly ready: number;
  /** The number of pictures that are still to be loaded. */
  readonly open: number;
  /** The number of slots without a picture, for any reason. */
  readonly gaps: number;
}

export function progressOf({ slots }: ViewerState): Progress {
  const count = (wanted: (slot: Slot) => boolean) => slots.filter(wanted).length;
  const ready = count((slot) => slot.picture === 'ready');
  const gaps = count(isGap);
  return { ready, gaps, open: slots.length - ready - gaps };
}

/** Whether turning shows all sides: no gap exceeds a quarter turn, or no more pictures will load. */
export function isTurnable(state: ViewerState): boolean {
  const { ready, open } = progressOf(state);
  if (ready < 2) return false;
  const loaded = state.slots.filter((slot) => slot.picture === 'ready').map((slot) => slot.frame.angle_deg);
  return open === 0 || widestGap(loaded) <= 90;
}
