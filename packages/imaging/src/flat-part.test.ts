import { defaultQcThresholds } from '@spinbay/contracts';
import { describe, expect, it } from 'vitest';
import { flatPart } from './flat-part.ts';
import { measureImage } from './measure-image.ts';
import { type Drawing, draw, jpeg, texture } from './test-pictures.ts';

const [width, height] = [640, 480];
type Colour = readonly [number, number, number];
const grey: Colour = [128, 128, 128];

/** A picture whose rows from `from` on have one colour; in the row of blocks above, only from the column `column` on. */
function broken(from: number, column: number, colour: Colour = grey): Drawing['at'] {
  return (x, y) => (y >= from || (y >= from - 16 && x >= column) ? colour : texture(x, y));
}

const shareOf = (at: Drawing['at']) => flatPart({ data: draw({ width, height, at }), width, height });

describe('flatPart', () => {
  it('measures what a decoder filled in after a break', () => {
    expect(shareOf(broken(240, 400))).toBeCloseTo(0.5, 1);
    expect(shareOf(broken(240, 0, [90, 140, 60]))).toBeCloseTo(0.5, 1);
    expect(shareOf(broken(432, 639))).toBeCloseTo(0.1, 1);
  });

  it('finds it in a JPEG that was encoded again', async () => {
    for (const quality of [60, 85, 95]) {
      const bytes = await jpeg({ width, height, at: broken(240, 200) }, { quality, chromaSubsampling: '4:2:0' });
      const { qc, status } = await measureImage(bytes, { qc: defaultQcThresholds, maxBytes: 1e7 });
      expect(qc.damage, `quality ${quality}`).toMatchObject({ status: 'warn', faults: 0 });
      expect(qc.damage?.flat_share).toBeCloseTo(0.52, 1);
      expect(status).toBe('processed');
    }
  });

  it('ignores narrow borders, and bars of pure white or black', () => {
    expect(shareOf(broken(470, width))).toBe(0);
    expect(shareOf(broken(240, 0, [255, 255, 255]))).toBe(0);
    expect(shareOf(broken(240, 0, [0, 0, 0]))).toBe(0);
  });

  it('ignores a floor of a single colour, with a car on it and a wall behind it', () => {
    // The colour of the floor ends at the car's tyres and, beside the car, at the wall.
    const car = (x: number, y: number) => x > 200 && x < 440 && y > 150 && y < 380;
    expect(shareOf((x, y) => (car(x, y) ? texture(x, y) : y < 240 ? [200, 200, 205] : grey))).toBe(0);
    expect(shareOf((x, y) => (car(x, y) ? texture(x, y) : grey))).toBe(0);
    // A wall without detail, and a car above the floor.
    expect(shareOf((x, y) => (y < 240 ? (car(x, y) ? texture(x, y) : [200, 200, 205]) : grey))).toBe(0);
  });

  it('ignores a grey floor with noise, and a picture of a single colour', () => {
    expect(shareOf((x, y) => (y < 240 ? texture(x, y) : [124 + ((x * 7 + y * 3) % 9), 128, 128]))).toBe(0);
    expect(shareOf(() => grey)).toBe(0);
  });
});
