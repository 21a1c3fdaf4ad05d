import { describe, expect, it } from 'vitest';
import { motionOf } from './edge-widths.ts';
import { measureQuality } from './plain-kernel.ts';
import type { PixelBuffer } from './quality-measures.ts';

/** Bright and dark patches with edges in every direction. `blur` is their standard deviation in pixels. */
function scene(blur: { x: number; y: number }, { size = 800, contrast = 160, grain = 0 } = {}): PixelBuffer {
  const height = Math.round(size * 0.75);
  const data = new Uint8Array(size * height * 3);
  let state = 1;
  const random = () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32 - 0.5;
  };
  const spacing = size / 20;
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < size; x++) {
      // Discs whose edge is as wide as the blur in the direction across it.
      const [dx, dy] = [(x % spacing) - spacing / 2, (y % spacing) - spacing / 2];
      const distance = Math.hypot(dx, dy) || 1;
      const width = Math.hypot((blur.x * dx) / distance, (blur.y * dy) / distance);
      const lit = 1 / (1 + Math.exp((1.702 * (distance - spacing / 3)) / Math.max(width, 0.3)));
      data.fill(Math.round(60 + contrast * lit + grain * random()), (y * size + x) * 3, (y * size + x) * 3 + 3);
    }
  }
  return { data, width: size, height };
}

const edgesOf = (picture: PixelBuffer) => measureQuality(picture).edges;
const widthOf = (picture: PixelBuffer) => edgesOf(picture).width ?? Number.NaN;

const motion = (picture: PixelBuffer) => motionOf(edgesOf(picture).widths);

describe('the width of edges', () => {
  it('equals the width of a Gaussian edge between 10 and 90 % of its height', () => {
    for (const sigma of [1, 1.5, 2, 3]) {
      const wide = widthOf(scene({ x: sigma, y: sigma }, { size: 1200 }));
      expect(wide / (2.563 * sigma), `sigma ${sigma}`).toBeGreaterThan(0.8);
      expect(wide / (2.563 * sigma), `sigma ${sigma}`).toBeLessThan(1.25);
    }
  });

  it('grows with blur, and hardly changes with contrast and grain', () => {
    const sharp = widthOf(scene({ x: 0.5, y: 0.5 }));
    const soft = widthOf(scene({ x: 1.5, y: 1.5 }));
    expect(soft).toBeGreaterThan(1.5 * sharp);
    expect(widthOf(scene({ x: 0.5, y: 0.5 }, { contrast: 70 })) / sharp).toBeCloseTo(1, 0);
    expect(widthOf(scene({ x: 1.5, y: 1.5 }, { contrast: 70, grain: 16 }))).toBeGreaterThan(1.3 * sharp);
  });

  it('shows the direction of motion blur', () => {
    expect(motion(scene({ x: 1, y: 1 }))).toBeNull();
    expect(motion(scene({ x: 4, y: 0.7 }))).toBe(0);
    expect(motion(scene({ x: 0.7, y: 4 }))).toBe(90);
  });

  it('is null if the picture has no edges', () => {
    const plain = { data: new Uint8Array(640 * 480 * 3).fill(90), width: 640, height: 480 };
    expect(edgesOf(plain)).toEqual({ width: null, widths: [null, null, null, null], count: 0 });
  });
});
