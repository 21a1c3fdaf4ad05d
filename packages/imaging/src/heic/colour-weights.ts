import { ImageRejected } from '../image-rejected.ts';
import type { CodedColour } from './heif-picture.ts';

/**
 * Weights that convert 8-bit Y'CbCr to R'G'B' as fixed-point numbers with 13 fractional bits:
 * red = (luma * Y + redOfCr * (Cr - 128) + offset) >> 13, and so on. `offset` includes the black level and the rounding.
 */
export interface ColourWeights {
  readonly luma: number;
  readonly offset: number;
  readonly redOfCr: number;
  readonly greenOfCb: number;
  readonly greenOfCr: number;
  readonly blueOfCb: number;
}

/** @throws ImageRejected for colour matrices that cameras do not use */
export function colourWeights(colour: CodedColour): ColourWeights {
  const [kr, kb] = lumaShares(colour);
  const kg = 1 - kr - kb;
  const [lumaScale, black, chromaScale] = colour.fullRange ? [1, 0, 1] : [255 / 219, 16, 255 / 224];
  const luma = Math.round(lumaScale * 8192);
  const chroma = (weight: number) => Math.round(weight * chromaScale * 8192);
  return {
    luma,
    offset: 4096 - luma * black,
    redOfCr: chroma(2 * (1 - kr)),
    greenOfCb: chroma((-2 * kb * (1 - kb)) / kg),
    greenOfCr: chroma((-2 * kr * (1 - kr)) / kg),
    blueOfCb: chroma(2 * (1 - kb)),
  };
}

/** Shares of red and blue in luma: H.273, table 4. */
function lumaShares({ matrix, primaries }: CodedColour): readonly [number, number] {
  if (matrix === 1) return [0.2126, 0.0722];
  // 2 means "unspecified": use the same shares as JPEG.
  if (matrix === 2 || matrix === 5 || matrix === 6) return [0.299, 0.114];
  if (matrix === 4) return [0.3, 0.11];
  if (matrix === 7) return [0.212, 0.087];
  if (matrix === 9) return [0.2627, 0.0593];
  // Derived from the primaries: BT.709, BT.2020, Display P3.
  if (matrix === 12 && primaries === 1) return [0.2126, 0.0722];
  if (matrix === 12 && primaries === 9) return [0.2627, 0.0593];
  if (matrix === 12 && primaries === 12) return [0.22897, 0.07929];
  throw new ImageRejected(
    'unsupported_format',
    `The colours of the HEIC file are coded in a rare way (matrix ${matrix}): upload it as JPEG.`,
  );
}
