import { uprightSteps } from '../upright.ts';
import { AreaAverage } from './area-average.ts';
import type { GreyPicture } from './grey-picture.ts';

const side = 32;
const kept = 8;

/**
 * 64-bit perceptual hash (pHash) as 16 hex digits. Scales the picture to 32 x 32 grey pixels and computes its DCT-II. Each
 * of the 8 x 8 lowest frequencies gives one bit, row by row: whether it is above their median. Similar pictures differ in
 * few bits.
 *
 * @param orientation the EXIF orientation (1-8), so that the hash describes the picture as shown
 */
export function perceptualHash(grey: GreyPicture, orientation: number): string {
  const { data } = squeeze(enlarged(grey));
  const { start, stepX, stepY } = uprightSteps(side, orientation);
  const upright = data.map((_, at) => data[start + (at % side) * stepX + Math.floor(at / side) * stepY] as number);
  const frequencies = lowFrequencies(upright);
  const sorted = Float64Array.from(frequencies).sort();
  const median = ((sorted[31] as number) + (sorted[32] as number)) / 2;
  let hash = '';
  for (let i = 0; i < frequencies.length; i += 4) {
    let digit = 0;
    for (let bit = 0; bit < 4; bit++) digit = digit * 2 + Number((frequencies[i + bit] as number) > median);
    hash += digit.toString(16);
  }
  return hash;
}

function squeeze({ data, width, height }: GreyPicture): GreyPicture {
  const average = new AreaAverage(width, height, side, side);
  for (let y = 0; y < height; y++) average.addRow(data, y * width);
  return average.result;
}

/** Repeats each pixel until both sides are at least 32 pixels, so that `squeeze` also works for smaller pictures. */
function enlarged(grey: GreyPicture): GreyPicture {
  const across = Math.ceil(side / grey.width);
  const down = Math.ceil(side / grey.height);
  if (across === 1 && down === 1) return grey;
  const width = grey.width * across;
  const height = grey.height * down;
  const data = Uint8Array.from(
    { length: width * height },
    (_, i) => grey.data[Math.floor(i / width / down) * grey.width + Math.floor((i % width) / across)] as number,
  );
  return { data, width, height };
}

const cosines = Float64Array.from({ length: kept * side }, (_, i) =>
  Math.cos((Math.PI * Math.floor(i / side) * (2 * (i % side) + 1)) / (2 * side)),
);

/** The 8 x 8 lowest frequencies of a 32 x 32 picture, without the common scale factor. */
function lowFrequencies(pixels: Uint8Array): Float64Array {
  const across = new Float64Array(side * kept);
  for (let y = 0; y < side; y++) {
    for (let u = 0; u < kept; u++) {
      let sum = 0;
      for (let x = 0; x < side; x++) sum += (pixels[y * side + x] as number) * (cosines[u * side + x] as number);
      across[y * kept + u] = sum;
    }
  }
  const frequencies = new Float64Array(kept * kept);
  for (let v = 0; v < kept; v++) {
    for (let u = 0; u < kept; u++) {
      let sum = 0;
      for (let y = 0; y < side; y++) sum += (across[y * kept + u] as number) * (cosines[v * side + y] as number);
      frequencies[v * kept + u] = sum;
    }
  }
  return frequencies;
}
