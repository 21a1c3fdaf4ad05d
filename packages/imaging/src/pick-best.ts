import { AreaAverage } from './kernel/area-average.ts';
import type { GreyPicture } from './kernel/grey-picture.ts';
import { laplacianOf } from './kernel/plain-kernel.ts';
import { variance } from './kernel/quality-measures.ts';

/** Interleaved 8-bit RGB, or RGBA as a canvas gives it. */
export interface BurstFrame {
  readonly data: Uint8Array | Uint8ClampedArray;
  readonly width: number;
  readonly height: number;
}

export interface BurstPick {
  /** Index of the sharpest frame; the first of equals. */
  readonly best: number;
  /** Of every frame, in their order: higher is sharper. Comparable within one burst only. */
  readonly scores: readonly number[];
}

/** Small enough to even out noise, large enough to show shake: of 640 and 1000 px at full size, this one errs least. */
const longSide = 640;

/**
 * Picks the sharpest frame of a burst of one view: that with the most detail at a long side of 640 px. Within one burst the
 * view is the same, so that the amount of detail tells how sharp it is, and no threshold is needed. Pure.
 *
 * @throws RangeError when there is no frame, or one's data is not as long as its size says
 */
export function pickBest(frames: readonly BurstFrame[]): BurstPick {
  if (frames.length === 0) throw new RangeError('A burst without a frame has no best one.');
  const scores = frames.map(detailOf);
  return { best: scores.indexOf(Math.max(...scores)), scores };
}

function detailOf(frame: BurstFrame): number {
  const { data, width, height } = reduced(frame);
  const sums = laplacianOf(width, height, (y, out) => out.set(data.subarray(y * width, (y + 1) * width), 1));
  return variance(sums, width * height);
}

function reduced({ data, width, height }: BurstFrame): GreyPicture {
  const channels = data.length / (width * height);
  if (!(width > 0 && height > 0) || (channels !== 3 && channels !== 4)) {
    throw new RangeError(`A frame of ${data.length} bytes is not ${width} x ${height} pixels of RGB or RGBA.`);
  }
  const scale = Math.min(1, longSide / Math.max(width, height));
  const average = new AreaAverage(
    width,
    height,
    Math.max(1, Math.round(width * scale)),
    Math.max(1, Math.round(height * scale)),
  );
  const grey = new Uint8Array(width);
  let at = 0;
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const [red, green, blue] = [data[at] as number, data[at + 1] as number, data[at + 2] as number];
      grey[x] = (9798 * red + 19235 * green + 3735 * blue + 16384) >> 15;
      at += channels;
    }
    average.addRow(grey, 0);
  }
  return average.result;
}
