import { hashDistance } from '@spinbay/contracts';
import sharp, { type Sharp } from 'sharp';
import { describe, expect, it } from 'vitest';
import { draw, jpeg, quarters, texture } from '../test-pictures.ts';
import type { GreyPicture } from './grey-picture.ts';
import { perceptualHash } from './perceptual-hash.ts';
import { measureQualityFast } from './wasm-kernel.ts';

/** The definition without optimization: computes every frequency from every pixel of the 32 x 32 picture. */
function reference({ data }: GreyPicture): string {
  const side = 32;
  const frequency = (u: number, v: number) => {
    let sum = 0;
    for (let y = 0; y < side; y++) {
      for (let x = 0; x < side; x++) {
        const across = Math.cos(((2 * x + 1) * u * Math.PI) / 64);
        sum += (data[y * side + x] ?? 0) * across * Math.cos(((2 * y + 1) * v * Math.PI) / 64);
      }
    }
    return sum;
  };
  const values = Array.from({ length: 64 }, (_, i) => frequency(i % 8, Math.floor(i / 8)));
  const sorted = values.toSorted((a, b) => a - b);
  const median = ((sorted[31] ?? 0) + (sorted[32] ?? 0)) / 2;
  const bits = values.map((value) => (value > median ? '1' : '0')).join('');
  return BigInt(`0b${bits}`).toString(16).padStart(16, '0');
}

const greyOf = (width: number, height: number, value: (x: number, y: number) => number): GreyPicture => ({
  data: Uint8Array.from({ length: width * height }, (_, i) => value(i % width, Math.floor(i / width))),
  width,
  height,
});

/** Smooth shapes without symmetry. */
const shapes = (x: number, y: number) =>
  128 + 60 * Math.sin(x * 0.21 + y * 0.05) + 50 * Math.cos(y * 0.17 - x * 0.03) + x - y / 2;

describe('perceptualHash', () => {
  it('is the sign pattern of the lowest frequencies about their median', () => {
    const grey = greyOf(32, 32, shapes);
    expect(perceptualHash(grey, 1)).toBe(reference(grey));
    expect(perceptualHash(grey, 1)).toMatch(/^[0-9a-f]{16}$/);
  });

  it('describes the picture as shown, for all eight orientations', async () => {
    const [width, height] = [480, 320];
    const stored = await jpeg({ width, height, at: quarters(width, height) });
    const hash = async (image: Sharp, orientation: number) => {
      const { data, info } = await image.raw().toBuffer({ resolveWithObject: true });
      return perceptualHash(measureQualityFast({ data, width: info.width, height: info.height }).reduced, orientation);
    };
    const hashes = new Set<string>();
    for (let orientation = 1; orientation <= 8; orientation++) {
      const bytes = await sharp(stored).withMetadata({ orientation }).jpeg({ quality: 95 }).toBuffer();
      // Compares with sharp's auto-orientation.
      const shown = await hash(sharp(bytes).autoOrient(), 1);
      expect(hashDistance(await hash(sharp(bytes), orientation), shown), `orientation ${orientation}`).toBeLessThan(2);
      hashes.add(shown);
    }
    expect(hashes.size).toBe(8);
  });

  it('hardly changes with size and compression, but differs for another picture', async () => {
    const hash = async (image: Sharp) => {
      const { data, info } = await image.raw().toBuffer({ resolveWithObject: true });
      return perceptualHash(measureQualityFast({ data, width: info.width, height: info.height }).reduced, 1);
    };
    const raw = { raw: { width: 1400, height: 1000, channels: 3 } } as const;
    const picture = draw({ width: 1400, height: 1000, at: (x, y) => [shapes(x / 40, y / 40), x % 251, y % 241] });
    const original = await hash(sharp(picture, raw));
    const small = await sharp(picture, raw).resize(350).jpeg({ quality: 40 }).toBuffer();
    expect(hashDistance(await hash(sharp(small)), original)).toBeLessThanOrEqual(2);
    const other = draw({ width: 1400, height: 1000, at: texture });
    expect(hashDistance(await hash(sharp(other, raw)), original)).toBeGreaterThan(10);
  });

  it('accepts pictures smaller than its grid', () => {
    for (const [width, height] of [
      [1, 1],
      [3, 50],
      [31, 33],
      [1000, 1],
    ] as const) {
      expect(perceptualHash(greyOf(width, height, shapes), 6)).toMatch(/^[0-9a-f]{16}$/);
    }
    // Doubling every pixel gives the same picture.
    const doubled = greyOf(40, 24, (x, y) => shapes(x >> 1, y >> 1));
    expect(perceptualHash(greyOf(20, 12, shapes), 1)).toBe(perceptualHash(doubled, 1));
  });
});
