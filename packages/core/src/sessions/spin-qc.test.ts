import { defaultQcThresholds, defaultShotList, ImageId, type SpinQc } from '@spinbay/contracts';
import { colourGrid, gradeQuality, measureQuality, perceptualHash } from '@spinbay/imaging/kernels';
import { FrameDrawer } from '@spinbay/sample-spin';
import { beforeAll, describe, expect, it } from 'vitest';
import type { SpinFrame } from './spin-places.ts';
import { compareSpin } from './spin-qc.ts';

const list = { studio360: { frame_count: 24 } };
const thresholds = defaultQcThresholds;
const [width, height] = [640, 480];

interface Drawn {
  readonly data: Uint8Array;
  readonly qc: SpinFrame['qc'];
  readonly phash: string;
  readonly colour_grid: Uint8Array;
}

/**
 * Frames of a drawn spin every 15 degrees, and a second one at 60 degrees with other noise, as if the turntable had not
 * moved.
 */
let once: Drawn[];
let again: Drawn;

beforeAll(async () => {
  const [first, second] = [new FrameDrawer(width, height, 1), new FrameDrawer(width, height, 2)];
  once = [];
  for (let k = 0; k < 24; k++) once.push(examined((await first.draw(k * 15, false)).data));
  again = examined((await second.draw(60, false)).data);
});

function examined(data: Uint8Array): Drawn {
  const measures = measureQuality({ data, width, height });
  return {
    data,
    qc: gradeQuality(measures, { width, height }, thresholds).qc,
    phash: perceptualHash(measures.reduced, 1),
    colour_grid: colourGrid({ data, width, height }, 1),
  };
}

/** A frame with each channel multiplied by a factor, as with another lamp or automatic exposure. */
function tinted(frame: Drawn | undefined, factors: readonly number[]): Drawn {
  if (frame === undefined) throw new Error('no such frame');
  return examined(frame.data.map((value, at) => Math.min(255, value * (factors[at % 3] ?? 1))));
}

/** Whether each of the 256 cells is nearly the same in all frames. */
function studioCells(): boolean[] {
  return Array.from({ length: 256 }, (_, cell) => {
    const values = once.map(({ colour_grid }) => colour_grid[cell * 3] as number);
    return Math.max(...values) - Math.min(...values) < 4;
  });
}

const idOf = (slot: number) => ImageId.parse(`01890000-0000-7000-8000-${slot.toString().padStart(12, '0')}`);

/** Puts drawn frames into slots. `undefined` leaves the slot empty. */
function spin(frames: readonly (Drawn | undefined)[]): SpinQc {
  const placed = frames.flatMap((frame, slot) =>
    frame === undefined ? [] : [{ ...frame, id: idOf(slot), angle_deg: slot * 15 }],
  );
  const result = compareSpin(list, placed);
  if (result === null) throw new Error('no spin');
  return result;
}

const pairs = (found: SpinQc['repeated']) => found.map(({ first, second }) => [first.angle_deg, second.angle_deg]);
const nothing = {
  missing: [],
  exposure: [],
  white_balance: [],
  soft: [],
  repeated: [],
  skipped: [],
  swapped: [],
  near_duplicates: [],
};

describe('compareSpin', () => {
  it('finds nothing in a good spin', () => {
    const got = spin(once);
    expect(got).toMatchObject(nothing);
    expect(got.step).toBeGreaterThanOrEqual(4);
  });

  it('names the empty slots, and judges the others', () => {
    const got = spin(once.map((frame, k) => (k === 3 || k === 23 ? undefined : frame)));
    expect(got).toMatchObject({ ...nothing, missing: [45, 345] });
    expect(spin([]).missing).toHaveLength(24);
    expect(spin([])).toMatchObject({ ...nothing, missing: expect.anything(), step: null });
  });

  it('names a frame that is darker, and one that is brighter, than the others', () => {
    const got = spin(once.map((frame, k) => (k === 7 ? tinted(frame, [0.7, 0.7, 0.7]) : frame)));
    expect(got).toMatchObject({ ...nothing, exposure: [{ image_id: idOf(7), angle_deg: 105 }] });
    expect(got.exposure[0]?.stops).toBeCloseTo(2.2 * Math.log2(0.7), 1);
    // Half a stop is enough.
    const half = 2 ** (-0.5 / 2.2);
    expect(spin(once.map((frame, k) => (k === 18 ? tinted(frame, [half, half, half]) : frame)))).toMatchObject({
      ...nothing,
      exposure: [{ angle_deg: 270, stops: expect.closeTo(-0.5, 1) }],
    });
    // At every position, only this frame is named and not its neighbours.
    for (let slot = 0; slot < 24; slot++) {
      const found = spin(once.map((frame, k) => (k === slot ? tinted(frame, [half, half, half]) : frame)));
      expect(found, `at ${slot}`).toMatchObject({ ...nothing, exposure: [{ angle_deg: slot * 15 }] });
    }
    const bright = spin(once.map((frame, k) => (k === 9 ? tinted(frame, [1.4, 1.4, 1.4]) : frame)));
    expect(bright.exposure).toMatchObject([{ angle_deg: 135 }]);
    expect(bright.exposure[0]?.stops).toBeGreaterThan(0.6);
  });

  it('reports nothing for light that changes slowly around the car, even if a part of the turn is missing', () => {
    // As in a hall with windows on one side.
    const lit = once.map((frame, k) => {
      const factor = 1 + 0.3 * Math.sin((k * Math.PI) / 12);
      return tinted(frame, [factor, factor, factor]);
    });
    expect(spin(lit)).toMatchObject(nothing);
    for (const [from, to] of [
      [0, 7],
      [0, 12],
      [3, 20],
      [18, 24],
    ] as const) {
      const part = spin(lit.map((frame, k) => (k >= from && k < to ? frame : undefined)));
      expect(part.exposure, `${from} to ${to}`).toEqual([]);
    }
  });

  it('compares only the car in front of a studio that is pure white or black', () => {
    const isStudio = studioCells();
    for (const background of [255, 0]) {
      const shown = (frame: Drawn | undefined, factors: readonly number[]): Drawn => {
        if (frame === undefined) throw new Error('no such frame');
        const colour_grid = frame.colour_grid.map((value, at) =>
          isStudio[Math.floor(at / 3)] ? background : Math.min(255, value * (factors[at % 3] ?? 1)),
        );
        return { ...frame, colour_grid };
      };
      const plain = once.map((frame) => shown(frame, [1, 1, 1]));
      expect(spin(plain)).toMatchObject(nothing);
      for (const stops of [-1, 1]) {
        const factor = 2 ** (stops / 2.2);
        const got = spin(plain.map((frame, k) => (k === 7 ? shown(once[k], [factor, factor, factor]) : frame)));
        expect(got.exposure, `${stops} in front of ${background}`).toMatchObject([{ angle_deg: 105 }]);
        expect(Math.sign(got.exposure[0]?.stops ?? 0)).toBe(stops);
      }
      const red = spin(plain.map((frame, k) => (k === 7 ? shown(once[k], [1.08, 1, 1]) : frame)));
      expect(red.white_balance, `red in front of ${background}`).toMatchObject([{ angle_deg: 105 }]);
    }
  });

  it('reports no exposure where all frames differ from their neighbours', () => {
    // Up to 0.15 stops up or down, in no order: five frames differ from their neighbours by more than 0.2 stops.
    const lit = once.map((frame, k) => {
      const factor = 2 ** (0.07 * Math.sin(k * k));
      return tinted(frame, [factor, factor, factor]);
    });
    expect(spin(lit).exposure).toEqual([]);
  });

  it('names a frame with another white balance', () => {
    const got = spin(once.map((frame, k) => (k === 5 ? tinted(frame, [1.12, 1, 0.85]) : frame)));
    expect(got).toMatchObject({ ...nothing, white_balance: [{ angle_deg: 75 }] });
    expect(got.white_balance[0]?.red).toBeGreaterThan(0.05);
    expect(got.white_balance[0]?.blue).toBeLessThan(-0.1);
  });

  it('names neighbours that show the same angle, and not those of a normal step', () => {
    const stuck = once.map((frame, k) => (k === 5 ? again : frame));
    expect(pairs(spin(stuck).repeated)).toEqual([[60, 75]]);
    expect(spin(stuck)).toMatchObject({ ...nothing, repeated: expect.anything(), skipped: expect.anything() });
  });

  it('names the gap of a skipped angle', () => {
    // The turntable moved twice between two shots. From there on every slot shows the next angle.
    const skippedAfter = (slot: number) =>
      spin(Array.from({ length: 23 }, (_, k) => once[k <= slot ? k : k + 1])).skipped;
    expect(pairs(skippedAfter(1))).toEqual([[15, 30]]);
    expect(pairs(skippedAfter(9))).toEqual([[135, 150]]);
    // Only this gap is named, wherever it is.
    for (let slot = 1; slot < 21; slot++) {
      const found = pairs(skippedAfter(slot));
      expect([[], [[slot * 15, slot * 15 + 15]]], `after slot ${slot}`).toContainEqual(found);
    }
  });

  it('names every swapped pair of frames, and no other', () => {
    for (let slot = 0; slot < 24; slot++) {
      const swapped = [...once];
      const next = (slot + 1) % 24;
      [swapped[slot], swapped[next]] = [once[next] as Drawn, once[slot] as Drawn];
      const got = spin(swapped);
      expect(pairs(got.swapped ?? []), `after slot ${slot}`).toEqual([[slot * 15, next * 15]]);
      expect(got).toMatchObject({ ...nothing, swapped: expect.anything() });
    }
  });

  it('names a frame that is less sharp than those next to it', () => {
    const wider = (frame: Drawn | undefined): Drawn => {
      const edges = frame?.qc?.sharpness.edges;
      if (!frame?.qc || !edges?.width) throw new Error('no edges');
      const sharpness = { ...frame.qc.sharpness, edges: { ...edges, width: edges.width * 1.6 } };
      return { ...frame, qc: { ...frame.qc, sharpness } };
    };
    const got = spin(once.map((frame, k) => (k === 12 ? wider(frame) : frame)));
    expect(got).toMatchObject({ ...nothing, soft: [{ image_id: idOf(12), angle_deg: 180 }] });
  });

  it('compares the sharpness of the car only with that of the car', () => {
    const measuredAs = (frame: Drawn | undefined, width: number, picture?: number): Drawn => {
      const edges = frame?.qc?.sharpness.edges;
      if (!frame?.qc || !edges) throw new Error('no edges');
      const car = picture === undefined ? {} : { region: 'car' as const, picture_width: picture };
      return {
        ...frame,
        qc: { ...frame.qc, sharpness: { ...frame.qc.sharpness, edges: { ...edges, width, ...car } } },
      };
    };
    // The car is softer than the background. The first two frames were measured before any other was known.
    const mixed = once.map((frame, k) => (k < 2 ? measuredAs(frame, 1.5) : measuredAs(frame, 2.4, 1.5)));
    expect(spin(mixed)).toMatchObject(nothing);
    const soft = mixed.map((frame, k) => (k === 12 ? measuredAs(frame, 3.6, 1.5) : frame));
    expect(spin(soft)).toMatchObject({ ...nothing, soft: [{ image_id: idOf(12), width: 3.6, usual: 2.4 }] });
    const besideFirst = mixed.map((frame, k) => (k === 2 ? measuredAs(frame, 3.6, 2.2) : frame));
    expect(spin(besideFirst)).toMatchObject({ ...nothing, soft: [{ image_id: idOf(2), width: 2.2, usual: 1.5 }] });
  });

  it('names the same view in distant slots, but never in neighbouring ones', () => {
    const got = spin(once.map((frame, k) => (k === 16 ? again : frame)));
    expect(pairs(got.near_duplicates)).toEqual([[60, 240]]);
  });

  it('finds nothing about angles if the steps are too small to compare, and returns null without a spin', () => {
    const standing = spin(Array.from({ length: 24 }, (_, k) => (k % 2 === 0 ? once[4] : again)));
    expect(standing).toMatchObject({ step: null, repeated: [], near_duplicates: [] });
    expect(compareSpin(defaultShotList('stills'), [])).toBeNull();
  });

  it('accepts frames without figures, like older rows', () => {
    const bare = Array.from({ length: 24 }, (_, k) => ({
      ...{ id: idOf(k), angle_deg: k * 15 },
      ...{ qc: null, phash: null, colour_grid: null },
    }));
    expect(compareSpin(list, bare)).toEqual({ ...nothing, step: null });
  });
});
