import { describe, expect, test } from 'vitest';
import type { ViewerFrame } from './frames.ts';
import { spokenFrame } from './notices.ts';
import { sharpnessFor } from './sharpness.ts';
import {
  type Action,
  currentSlot,
  initialState,
  isGap,
  isTurnable,
  type Picture,
  progressOf,
  reduce,
  shownSlot,
  statusOf,
  type ViewerState,
} from './state.ts';
import { englishTexts } from './texts.ts';

const frame = (angle_deg: number, more: Partial<ViewerFrame> = {}): ViewerFrame => ({
  angle_deg,
  qc: 'pass',
  src600: `/${angle_deg}.jpg`,
  ...more,
});
const spin = (change: (angle: number) => Partial<ViewerFrame> = () => ({})) =>
  Array.from({ length: 24 }, (_, k) => frame(k * 15, change(k * 15)));
const run = (...actions: Action[]) => actions.reduce(reduce, initialState());
const loaded = (frames: readonly ViewerFrame[], picture: Picture = 'ready') =>
  run(
    { type: 'frames', frames },
    ...frames.map(({ src600 }): Action => ({ type: 'picture', key: src600 ?? '', picture })),
  );
const pictures = (state: ViewerState) => state.slots.map((slot) => slot.picture);

describe('frames', () => {
  test('are sorted by angle, without duplicates and invalid angles', () => {
    const state = run({
      type: 'frames',
      frames: [frame(375), frame(-15), frame(180), frame(15, { src600: '/again' }), frame(Number.NaN), frame(Infinity)],
    });
    expect(state.slots.map((slot) => slot.frame.angle_deg)).toEqual([15, 180, 345]);
    expect(state.slots[0]?.frame.src600).toBe('/375.jpg');
  });

  test('keep the angle and the loaded pictures when they are set again', () => {
    const before = reduce(loaded(spin()), { type: 'turn', angle: 91 });
    const after = reduce(before, { type: 'frames', frames: spin((angle) => (angle === 90 ? { qc: 'warn' } : {})) });
    expect(after.angle).toBe(91);
    expect(new Set(pictures(after))).toEqual(new Set(['ready']));
    expect(after.slots[6]?.frame.qc).toBe('warn');
  });

  test('are loaded again under a new URL unless the id is the same', () => {
    const before = loaded([frame(0), frame(90)]);
    expect(pictures(reduce(before, { type: 'frames', frames: [frame(0, { src600: '/new.jpg' }), frame(90)] }))).toEqual(
      ['waiting', 'ready'],
    );
    const named = run(
      { type: 'frames', frames: [frame(0, { id: 'a' })] },
      { type: 'picture', key: 'a', picture: 'ready' },
      { type: 'frames', frames: [frame(0, { id: 'a', src600: '/signed-again.jpg' })] },
    );
    expect(pictures(named)).toEqual(['ready']);
  });

  test('are retried after a failure only under a new URL', () => {
    const failed = run(
      { type: 'frames', frames: [frame(0, { id: 'a' })] },
      { type: 'picture', key: 'a', picture: 'failed' },
    );
    const set = (src600: string) => reduce(failed, { type: 'frames', frames: [frame(0, { id: 'a', src600 })] });
    expect(pictures(set('/0.jpg'))).toEqual(['failed']);
    expect(pictures(set('/signed-again.jpg'))).toEqual(['waiting']);
  });

  test('fill their slot when they arrive', () => {
    const before = loaded(spin((angle) => (angle === 45 ? { qc: 'pending', src600: null } : {})));
    expect(pictures(before)[3]).toBe('none');
    expect(pictures(reduce(before, { type: 'frames', frames: spin() }))[3]).toBe('waiting');
  });
});

describe('turning', () => {
  test('wraps around at the ends of the spin in both directions', () => {
    const state = loaded(spin());
    expect(reduce(state, { type: 'step', by: -1 }).angle).toBe(345);
    expect(run({ type: 'frames', frames: spin() }, { type: 'turn', angle: 345 }, { type: 'step', by: 1 }).angle).toBe(
      0,
    );
    expect(reduce(state, { type: 'step', by: -25 }).angle).toBe(345);
  });

  test('stops between frames during a drag and settles on the nearest frame', () => {
    const state = reduce(loaded(spin()), { type: 'turn', angle: -8 });
    expect(state.angle).toBe(352);
    expect(currentSlot(state)).toBe(23);
    expect(reduce(state, { type: 'settle' }).angle).toBe(345);
  });

  test('does nothing without frames', () => {
    expect(run({ type: 'step', by: 1 }, { type: 'settle' }, { type: 'play', on: true })).toEqual(initialState());
    expect(currentSlot(initialState())).toBe(-1);
    expect(shownSlot(initialState())).toBe(-1);
  });
});

describe('a gap', () => {
  const gap = { qc: 'missing', src600: null } as const;

  test('shows the nearest frame and stays the current slot', () => {
    const state = reduce(loaded(spin((angle) => (angle === 45 || angle === 60 ? gap : {}))), {
      type: 'turn',
      angle: 60,
    });
    expect(currentSlot(state)).toBe(4);
    expect(shownSlot(state)).toBe(5);
    const slot = state.slots[4];
    expect(slot && isGap(slot)).toBe(true);
  });

  test('has its reason as status', () => {
    const frames = [
      frame(0, gap),
      frame(15, { qc: 'pending', src600: undefined }),
      frame(30, { qc: 'fail', src600: null }),
      frame(45, { qc: 'pass', src600: null }),
      frame(60),
      frame(75, { qc: 'warn' }),
    ];
    const state = reduce(loaded(frames), { type: 'picture', key: '/60.jpg', picture: 'failed' });
    expect(state.slots.map(statusOf)).toEqual(['missing', 'pending', 'fail', 'missing', 'unreachable', 'warn']);
  });

  test('is announced together with the frame that is shown instead', () => {
    const frames = [frame(0, gap), frame(15, { qc: 'fail', label: 'too dark' })];
    const state = loaded(frames);
    expect(spokenFrame(state, englishTexts)).toBe('0 degrees, missing, showing 15 degrees');
    expect(spokenFrame(reduce(state, { type: 'step', by: 1 }), englishTexts)).toBe('15 degrees, failed, too dark');
    expect(spokenFrame(initialState(), englishTexts)).toContain('No frames yet');
  });
});

describe('a spin', () => {
  const ready = (...angles: number[]) =>
    angles.reduce(
      (state, angle) => reduce(state, { type: 'picture', key: `/${angle}.jpg`, picture: 'ready' }),
      run({ type: 'frames', frames: spin() }),
    );

  test('is turnable with pictures of four sides', () => {
    expect(isTurnable(ready(0, 180))).toBe(false);
    expect(isTurnable(ready(0, 180, 90))).toBe(false);
    expect(isTurnable(ready(0, 180, 90, 270))).toBe(true);
  });

  test('is turnable with fewer pictures if no more will load', () => {
    expect(isTurnable(loaded([frame(0), frame(15)]))).toBe(true);
    expect(isTurnable(loaded([frame(0)]))).toBe(false);
    expect(isTurnable(run({ type: 'frames', frames: [frame(0), frame(15)] }))).toBe(false);
  });

  test('counts loaded, pending and missing pictures', () => {
    const state = reduce(ready(0, 15), { type: 'picture', key: '/30.jpg', picture: 'failed' });
    expect(progressOf(state)).toEqual({ ready: 2, open: 21, gaps: 1 });
  });
});

test('chooses the picture by its displayed size, and the original only when zoomed in', () => {
  const given = frame(0, { src1200: '/large.jpg', original: () => Promise.resolve('/original.jpg') });
  expect(sharpnessFor(given, 500, false)).toBe('600');
  expect(sharpnessFor(given, 900, false)).toBe('1200');
  expect(sharpnessFor(given, 3000, false)).toBe('1200');
  expect(sharpnessFor(given, 3000, true)).toBe('original');
  expect(sharpnessFor(frame(0), 3000, true)).toBe('600');
});
