import { describe, expect, it } from 'vitest';
import { measureQuality } from './plain-kernel.ts';
import type { QualityMeasures } from './quality-measures.ts';
import { referencePicture, references } from './test-reference.ts';
import { measureQualityFast } from './wasm-kernel.ts';

const relative = 1e-9;

function expectNear(got: number, want: number, within: number, what: string): void {
  expect(Math.abs(got - want), `${what}: ${got} for ${want}`).toBeLessThanOrEqual(within * Math.abs(want));
}

/** Copies the view of the reduced picture, because the next measurement overwrites it. */
const copied = ({ reduced, ...rest }: QualityMeasures) => ({
  ...rest,
  reduced: { ...reduced, data: [...reduced.data] },
});

describe('against OpenCV', () => {
  it('covers every kind of picture, sizes above and below 1000 px, and single rows and columns', () => {
    const pictures = references();
    expect(pictures.length).toBeGreaterThanOrEqual(12);
    expect(new Set(pictures.map((each) => each.kind)).size).toBe(7);
    expect(pictures.filter((each) => Math.max(each.width, each.height) > 1000).length).toBeGreaterThan(5);
    expect(pictures.filter((each) => each.width === 1).length).toBeGreaterThan(0);
    expect(pictures.filter((each) => each.height === 1).length).toBeGreaterThan(0);
  });

  for (const want of references()) {
    it(`gives the same measures: ${want.kind} ${want.width} x ${want.height}`, () => {
      const picture = referencePicture(want.kind, want.width, want.height);
      const plain = copied(measureQuality(picture));
      expect(copied(measureQualityFast(picture))).toEqual(plain);

      expectNear(plain.sharpness, want.sharpness, relative, 'sharpness');
      expectNear(plain.sharpness1000, want.sharpness_1000, relative, 'sharpness at 1000 px');
      expectNear(plain.sharpness1000, want.sharpness_1000_inter_area, 2e-4, 'sharpness at 1000 px by INTER_AREA');
      expectNear(plain.meanLuma, want.mean_luma, relative, 'mean luma');
      expect(plain.clippedWhite).toBe(want.clipped_white);
      expect(plain.clippedBlack).toBe(want.clipped_black);
      expect(plain.histogram).toEqual(want.histogram);
      const { red, green, blue, luma, clippedWhite, clippedBlack } = plain.centre;
      [red, green, blue, luma, clippedWhite, clippedBlack].forEach((value, index) => {
        expectNear(value, want.centre[index] ?? Number.NaN, relative, `centre ${index}`);
      });
    });
  }
});

describe('the WebAssembly kernel', () => {
  it('agrees with the plain kernel at every width around block boundaries and on sides of one pixel', () => {
    const widths = [1, 2, 3, 4, 15, 16, 17, 18, 19, 31, 32, 33, 34, 63, 65, 127, 999, 1000, 1001];
    for (const width of widths) {
      for (const height of [1, 2, 3, 5]) {
        for (const [w, h] of [
          [width, height],
          [height, width],
        ] as const) {
          const picture = referencePicture('noise', w, h);
          expect(copied(measureQualityFast(picture)), `${w} x ${h}`).toEqual(copied(measureQuality(picture)));
        }
      }
    }
  });

  it('agrees on rows longer than a block of sums, at the largest contrast', () => {
    for (const [width, height] of [
      [65_535, 3],
      [3, 65_535],
      [20_000, 7],
    ] as const) {
      const data = Uint8Array.from({ length: width * height * 3 }, (_, i) => {
        const pixel = Math.floor(i / 3);
        return ((pixel % width) + Math.floor(pixel / width)) % 2 === 0 ? 255 : 0;
      });
      const picture = { data, width, height };
      const plain = copied(measureQuality(picture));
      expect(plain.sharpness).toBeGreaterThan(1_000_000);
      expect(copied(measureQualityFast(picture))).toEqual(plain);
    }
    const white = { data: new Uint8Array(30_000 * 2 * 3).fill(255), width: 30_000, height: 2 };
    expect(copied(measureQualityFast(white))).toEqual(copied(measureQuality(white)));
  });

  it('finds the same edges at every size around the thresholds for folding and sampling', () => {
    const sides = [17, 18, 40, 41, 799, 1599, 1600, 1601, 1602, 1603, 1607, 3199, 3200, 3201, 3203, 4032, 4801];
    for (const side of sides) {
      for (const [w, h] of [
        [side, 39],
        [37, side],
      ] as const) {
        const picture = referencePicture('checks', w, h);
        const plain = measureQuality(picture).edges;
        expect(plain.count, `${w} x ${h}`).toBeGreaterThanOrEqual(side < 1600 ? 1 : 0);
        expect(measureQualityFast(picture).edges, `${w} x ${h}`).toEqual(plain);
      }
    }
    const large = referencePicture('checks', 1700, 1300);
    const plain = measureQuality(large).edges;
    expect(plain.count).toBeGreaterThan(1000);
    expect(measureQualityFast(large).edges).toEqual(plain);
  });

  it('finds the same edges in a region, and leaves all other measures as they are', () => {
    const odd = Uint8Array.from({ length: 256 }, (_, cell) => (cell * 7 + (cell >> 4)) % 3 && 1);
    for (const [w, h] of [
      [320, 200],
      [1603, 120],
      [100, 1700],
      [3201, 80],
    ] as const) {
      const picture = referencePicture('checks', w, h);
      const { edges, ...others } = copied(measureQuality(picture));
      const within = copied(measureQuality(picture, odd));
      expect(within.edges, `${w} x ${h}`).toMatchObject({ region: 'car', pictureWidth: edges.width });
      expect(within.edges.count, `${w} x ${h}`).toBeLessThan(edges.count);
      expect(within, `${w} x ${h}`).toMatchObject(others);
      expect(copied(measureQualityFast(picture, odd)), `${w} x ${h}`).toEqual(within);
      const all = measureQualityFast(picture, new Uint8Array(256).fill(1)).edges;
      expect(all, `${w} x ${h}`).toEqual({ ...edges, region: 'car', pictureWidth: edges.width });
    }
  });

  it('measures the whole picture if the region has too few edges', () => {
    const picture = referencePicture('checks', 320, 200);
    const corner = new Uint8Array(256).fill(1, 0, 1);
    expect(measureQuality(picture, corner).edges).toEqual(measureQuality(picture).edges);
    expect(measureQualityFast(picture, corner).edges).toEqual(measureQuality(picture).edges);
  });

  it('keeps no state of the previous picture', () => {
    const small = referencePicture('checks', 320, 200);
    const first = copied(measureQualityFast(small));
    measureQualityFast(referencePicture('checks', 320, 200), new Uint8Array(256).fill(1));
    expect(copied(measureQualityFast(small))).toEqual(first);
    measureQualityFast(referencePicture('noise', 2500, 40));
    expect(copied(measureQualityFast(small))).toEqual(first);
  });

  it('rejects pictures that it cannot measure', () => {
    expect(() => measureQualityFast({ data: new Uint8Array(10), width: 2, height: 2 })).toThrow(RangeError);
    expect(() => measureQualityFast({ data: new Uint8Array(0), width: 0, height: 2 })).toThrow(RangeError);
    expect(() => measureQualityFast({ data: new Uint8Array(65_536 * 3), width: 65_536, height: 1 })).toThrow(/65535/);
  });
});
