import { describe, expect, it } from 'vitest';
import { type BurstFrame, pickBest } from './pick-best.ts';

const [width, height] = [960, 720];
/** Patches with edges in all directions. */
const scene = Uint8Array.from({ length: width * height * 3 }, (_, at) => {
  const [x, y] = [Math.floor(at / 3) % width, Math.floor(at / 3 / width)];
  return (((x * 7 + y * 3) >> 7) + (x >> 5) + ((3 * y - x) >> 6)) % 2 === 0 ? 200 : 60;
});
const still: BurstFrame = { data: scene, width, height };

/** The camera moved sideways by so many pixels, and the sensor added noise. */
function shot(length: number, noise: number, seed: number): BurstFrame {
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
  return { data, width, height };
}

describe('pickBest', () => {
  it('picks the frame that moved least, wherever it is in the burst and however noisy the frames are', () => {
    for (const [best, lengths] of [
      [2, [7, 4, 1, 5, 9]],
      [0, [2, 6, 4]],
      [4, [9, 8, 7, 6, 3]],
    ] as const) {
      const frames = lengths.map((length, k) => shot(length, k === best ? 4 : 10, k + 1));
      const pick = pickBest(frames);
      expect(pick.best).toBe(best);
      expect(pick.scores).toHaveLength(lengths.length);
      expect(Math.max(...pick.scores)).toBe(pick.scores[best]);
    }
  });

  it('takes the pixels of a canvas as those of a file', () => {
    const rgba = new Uint8ClampedArray(width * height * 4).fill(255);
    for (let i = 0; i < width * height; i++) rgba.set(scene.subarray(i * 3, i * 3 + 3), i * 4);
    expect(pickBest([{ data: rgba, width, height }]).scores).toEqual(pickBest([still]).scores);
  });

  it('picks the first of equals, and the only one', () => {
    expect(pickBest([still, still]).best).toBe(0);
    expect(pickBest([still]).best).toBe(0);
  });

  it('refuses a burst without frames, and a frame that is not what its size says', () => {
    expect(() => pickBest([])).toThrow(RangeError);
    expect(() => pickBest([{ data: new Uint8Array(10), width: 2, height: 2 }])).toThrow(/2 x 2/);
    expect(() => pickBest([{ data: new Uint8Array(0), width: 0, height: 2 }])).toThrow(RangeError);
  });
});
