import { describe, expect, it } from 'vitest';
import { measureQuality } from './kernel/plain-kernel.ts';
import { pickBest } from './pick-best.ts';

const [width, height] = [960, 720];
/** Patches with edges in all directions. */
const scene = Uint8Array.from({ length: width * height * 3 }, (_, at) => {
  const [x, y] = [Math.floor(at / 3) % width, Math.floor(at / 3 / width)];
  return (((x * 7 + y * 3) >> 7) + (x >> 5) + ((3 * y - x) >> 6)) % 2 === 0 ? 200 : 60;
});

/** A frame with sideways motion blur of `length` pixels and sensor noise. */
function shot(length: number, noise: number, seed: number) {
  let state = seed;
  const random = () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
  const data = new Uint8Array(scene.length);
  for (let at = 0; at < data.length; at++) {
    const row = Math.floor(at / (width * 3)) * width * 3;
    let sum = 0;
    for (let k = 0; k < length; k++) sum += scene[Math.min(at + 3 * k, row + width * 3 - 3 + (at % 3))] as number;
    data[at] = Math.max(0, Math.min(255, Math.round(sum / length + noise * (random() + random() - 1))));
  }
  return measureQuality({ data, width, height });
}

const plain = (sharpness1000: number) => ({
  sharpness1000,
  edges: { width: null, widths: [null, null, null, null], count: 0 },
});

describe('pickBest', () => {
  it('picks the frame with the least motion, at any position in the burst and any noise level of the others', () => {
    for (const [best, lengths] of [
      [2, [7, 4, 1, 5, 9]],
      [0, [2, 6, 4]],
      [4, [9, 8, 7, 6, 3]],
    ] as const) {
      const frames = lengths.map((length, k) => shot(length, k === best ? 4 : 30, k + 1));
      const pick = pickBest(frames);
      expect(pick.best).toBe(best);
      expect(pick.widths).toEqual(frames.map(({ edges }) => edges.width));
    }
  });

  it('picks the first of equal frames, and the only one', () => {
    const still = shot(1, 0, 1);
    expect(pickBest([still, still]).best).toBe(0);
    expect(pickBest([still]).best).toBe(0);
  });

  it('ranks frames by detail if none has edges', () => {
    expect(pickBest([plain(3), plain(9), plain(5)])).toEqual({ best: 1, widths: [null, null, null] });
  });

  it('picks an unmeasured frame only if there is no other', () => {
    expect(pickBest([null, plain(1)]).best).toBe(1);
    expect(pickBest([null, shot(9, 0, 1), null]).best).toBe(1);
    expect(pickBest([null, null])).toEqual({ best: 0, widths: [null, null] });
  });

  it('rejects a burst without frames', () => {
    expect(() => pickBest([])).toThrow(RangeError);
  });
});
