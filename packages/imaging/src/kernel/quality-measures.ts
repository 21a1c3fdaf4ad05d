import type { EdgeCounts } from './count-edges.ts';
import { type EdgeWidths, edgeWidthsOf } from './edge-widths.ts';
import type { GreyPicture } from './grey-picture.ts';

/** Interleaved 8-bit R, G, B. A grey picture has equal values in all three. */
export interface PixelBuffer {
  readonly data: Uint8Array;
  readonly width: number;
  readonly height: number;
}

export interface QualityMeasures {
  /** Variance of the Laplacian of the grey picture (grey levels squared): higher is sharper. */
  readonly sharpness: number;
  /**
   * The same for the picture reduced to a long side of 1000 px by area averaging, which averages out noise and makes
   * pictures of different sizes comparable. A smaller picture is not scaled.
   */
  readonly sharpness1000: number;
  readonly edges: EdgeWidths;
  /** The long side of the picture in which edges were measured: 1600 px, or less for a smaller picture. */
  readonly edgeLongSide: number;
  /** Share of pixels (0-1) whose grey value is 255. */
  readonly clippedWhite: number;
  /** Share of pixels (0-1) whose grey value is 0. */
  readonly clippedBlack: number;
  /** Mean grey value, 0-255. */
  readonly meanLuma: number;
  /** Pixel counts by grey value: 256 counts. */
  readonly histogram: readonly number[];
  /** The central half of width and height, where the car is. */
  readonly centre: CentreMeasures;
  /** The reduced picture. It is overwritten by the next measurement. */
  readonly reduced: GreyPicture;
}

interface CentreMeasures {
  /** Mean values, 0-255. */
  readonly red: number;
  readonly green: number;
  readonly blue: number;
  readonly luma: number;
  /** Shares, 0-1, as for the whole picture. */
  readonly clippedWhite: number;
  readonly clippedBlack: number;
}

/** The layout of a picture for a kernel. `columns` and `rows` are the ranges of the centre and exclude their end. */
export interface Layout {
  readonly width: number;
  readonly height: number;
  readonly reducedWidth: number;
  readonly reducedHeight: number;
  /** The size of the picture in which edges are measured. */
  readonly edgeWidth: number;
  readonly edgeHeight: number;
  /** The side of the squares that are averaged before the picture is reduced to that size, in pixels. */
  readonly edgeFold: number;
  readonly columns: readonly [from: number, to: number];
  readonly rows: readonly [from: number, to: number];
}

/** A sum of Laplacian values and the sum of their squares. */
export interface LaplacianSums {
  sum: number;
  squares: number;
}

/** The sum of grey values, and the counts of pixels with 255 and 0. */
export interface GreySums {
  sum: number;
  white: number;
  black: number;
}

/** The integer sums of a kernel, all below 2^53. Two kernels with equal sums give equal measures. */
export interface KernelSums {
  readonly laplacian: LaplacianSums;
  readonly reducedLaplacian: LaplacianSums;
  readonly grey: GreySums;
  readonly centreGrey: GreySums;
  readonly centreRgb: readonly [red: number, green: number, blue: number];
  readonly histogram: readonly number[];
  readonly reduced: GreyPicture;
  readonly edges: EdgeCounts;
}

const reducedSide = 1000;
/** The width at which published pictures are viewed, in pixels. */
const edgeSide = 1600;
/** The largest side of a JPEG. Column sums of a larger picture would not fit into 32 bits. */
const largestSide = 65_535;

/** @throws RangeError if the buffer's length does not match its size, or a side is not within 1 to 65,535 */
export function layoutOf({ data, width, height }: PixelBuffer): Layout {
  if (!(width > 0 && height > 0 && width <= largestSide && height <= largestSide)) {
    throw new RangeError(`A picture of ${width} x ${height} cannot be measured: sides are 1 to ${largestSide} pixels.`);
  }
  if (data.length !== width * height * 3) {
    throw new RangeError(`The pixel buffer has ${data.length} bytes, not ${width} x ${height} x 3.`);
  }
  const long = Math.max(width, height);
  const reduced = (side: number, to: number) =>
    long <= to ? side : Math.max(1, Math.floor((2 * side * to + long) / (2 * long)));
  const edgeFold = Math.max(1, Math.floor(long / edgeSide));
  const middle = (side: number) => [side >> 2, side - (side >> 2)] as const;
  return {
    width,
    height,
    reducedWidth: reduced(width, reducedSide),
    reducedHeight: reduced(height, reducedSide),
    edgeWidth: Math.min(reduced(width, edgeSide), Math.floor(width / edgeFold)),
    edgeHeight: Math.min(reduced(height, edgeSide), Math.floor(height / edgeFold)),
    edgeFold,
    columns: middle(width),
    rows: middle(height),
  };
}

export function measuresOf(layout: Layout, sums: KernelSums): QualityMeasures {
  const { width, height, columns, rows } = layout;
  const pixels = width * height;
  const centrePixels = (columns[1] - columns[0]) * (rows[1] - rows[0]);
  const [red, green, blue] = sums.centreRgb;
  return {
    sharpness: variance(sums.laplacian, pixels),
    sharpness1000: variance(sums.reducedLaplacian, layout.reducedWidth * layout.reducedHeight),
    edges: edgeWidthsOf(sums.edges),
    edgeLongSide: Math.max(layout.edgeWidth, layout.edgeHeight),
    clippedWhite: sums.grey.white / pixels,
    clippedBlack: sums.grey.black / pixels,
    meanLuma: sums.grey.sum / pixels,
    histogram: sums.histogram,
    centre: {
      red: red / centrePixels,
      green: green / centrePixels,
      blue: blue / centrePixels,
      luma: sums.centreGrey.sum / centrePixels,
      clippedWhite: sums.centreGrey.white / centrePixels,
      clippedBlack: sums.centreGrey.black / centrePixels,
    },
    reduced: sums.reduced,
  };
}

/** Population variance. The sums are exact, so this is the only place that rounds. */
function variance({ sum, squares }: LaplacianSums, count: number): number {
  const mean = sum / count;
  return Math.max(0, squares / count - mean * mean);
}
