import { describe, expect, it } from 'vitest';
import { measureQuality, qualitySteps } from './plain-kernel.ts';
import type { PixelBuffer } from './quality-measures.ts';

/** The definition without optimization: first the mean, then the squared deviations. */
function reference({ data, width, height }: PixelBuffer) {
  const grey = (x: number, y: number): number => {
    const at = (y * width + x) * 3;
    const value = (channel: number) => data[at + channel] ?? Number.NaN;
    return Math.floor((9798 * value(0) + 19235 * value(1) + 3735 * value(2) + 16384) / 32768);
  };
  const mirrored = (position: number, length: number): number => {
    if (length === 1) return 0;
    if (position < 0) return -position;
    return position >= length ? 2 * length - 2 - position : position;
  };
  const at = (x: number, y: number) => grey(mirrored(x, width), mirrored(y, height));
  const laplacian: number[] = [];
  const greys: number[] = [];
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      greys.push(grey(x, y));
      laplacian.push(at(x - 1, y) + at(x + 1, y) + at(x, y - 1) + at(x, y + 1) - 4 * at(x, y));
    }
  }
  const mean = (values: number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;
  const centre = mean(laplacian);
  return {
    sharpness: mean(laplacian.map((value) => (value - centre) ** 2)),
    clippedWhite: greys.filter((value) => value === 255).length / greys.length,
    clippedBlack: greys.filter((value) => value === 0).length / greys.length,
    meanLuma: mean(greys),
  };
}

function noise(width: number, height: number, values: (random: number) => number): PixelBuffer {
  let state = 12345 + width * 31 + height;
  const data = Uint8Array.from({ length: width * height * 3 }, () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return values(state / 2 ** 32);
  });
  return { data, width, height };
}

describe('measureQuality', () => {
  const sizes = [
    [1, 1],
    [1, 5],
    [5, 1],
    [2, 2],
    [2, 3],
    [3, 2],
    [7, 5],
    [64, 48],
    // Wider than one block of 32-bit sums.
    [2047, 2],
    [2048, 3],
    [2049, 3],
    [4100, 2],
  ] as const;
  const contents = {
    noise: (random: number) => Math.floor(random * 256),
    'black and white': (random: number) => (random < 0.5 ? 0 : 255),
    'nearly flat': (random: number) => 128 + Math.floor(random * 2),
  };
  for (const [name, values] of Object.entries(contents)) {
    it(`agrees with the definition at all borders and block edges: ${name}`, () => {
      for (const [width, height] of sizes) {
        const picture = noise(width, height, values);
        const got = measureQuality(picture);
        const want = reference(picture);
        expect(Math.abs(got.sharpness - want.sharpness)).toBeLessThanOrEqual(1e-9 * Math.max(want.sharpness, 1));
        expect(got.clippedWhite).toBe(want.clippedWhite);
        expect(got.clippedBlack).toBe(want.clippedBlack);
        expect(got.meanLuma).toBeCloseTo(want.meanLuma, 9);
      }
    });
  }

  it('gives the value computed by hand for a single bright pixel', () => {
    const data = new Uint8Array(75).fill(10, 36, 39);
    // -40 in the middle, 10 at four neighbours: (1600 + 4 * 100) / 25, mean 0.
    expect(measureQuality({ data, width: 5, height: 5 }).sharpness).toBe(80);
  });

  it('gives 0 for a flat picture and handles the largest contrast', () => {
    const flat = { data: new Uint8Array(300).fill(200), width: 10, height: 10 };
    expect(measureQuality(flat)).toMatchObject({ sharpness: 0, clippedWhite: 0, clippedBlack: 0, meanLuma: 200 });
    const checker = Uint8Array.from({ length: 4096 * 4 * 3 }, (_, i) => {
      const pixel = Math.floor(i / 3);
      return (pixel + (pixel >> 12)) % 2 ? 255 : 0;
    });
    expect(measureQuality({ data: checker, width: 4096, height: 4 }).sharpness).toBe(1020 ** 2);
  });

  it('counts only grey values of exactly 255 and 0 as white and black', () => {
    const pixels = [255, 255, 255, 255, 255, 250, 0, 0, 0, 0, 0, 9];
    const got = measureQuality({ data: Uint8Array.from(pixels), width: 4, height: 1 });
    expect(got).toMatchObject({ clippedWhite: 0.25, clippedBlack: 0.25 });
  });

  it('rejects a buffer whose length does not match its size', () => {
    expect(() => measureQuality({ data: new Uint8Array(10), width: 2, height: 2 })).toThrow(RangeError);
  });
});

it('works in steps of a few rows, each a small part of the whole', () => {
  const picture = noise(200, 400, (random) => random * 256);
  const steps = qualitySteps(picture);
  let count = 0;
  for (let step = steps.next(); ; step = steps.next()) {
    if (step.done) {
      expect(step.value).toEqual(measureQuality(picture));
      break;
    }
    count++;
  }
  // Each takes steps of eight rows: the Laplacian of the picture and of the reduced one, the smoothing across and down, and
  // the edge count, which leaves out a margin.
  expect(count).toBeGreaterThan(4 * (400 / 8));
});
