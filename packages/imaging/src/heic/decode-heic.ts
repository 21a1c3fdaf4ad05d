import type { PixelBuffer } from '../quality-kernel.ts';
import { colourWeights } from './colour-weights.ts';
import { type HeifPicture, readHeifPicture } from './heif-picture.ts';
import { decodeTile } from './libde265.ts';
import { paintTile } from './paint-tile.ts';

export interface DecodedHeic {
  /** In the file's own colours, stored orientation. */
  readonly picture: PixelBuffer;
  /** How it is shown, as an EXIF orientation (1-8). */
  readonly orientation: number;
  readonly icc: Uint8Array | null;
  /** TIFF block of the EXIF item. Its orientation must not be applied: the file has its own, which is `orientation`. */
  readonly exif: Uint8Array | null;
}

/** Tiles that are still to be decoded, shared among threads. */
export interface TileJob {
  readonly heif: HeifPicture;
  /** RGB of the cropped picture. */
  readonly pixels: Uint8Array<SharedArrayBuffer>;
  /** One number: the next tile that nobody has taken. */
  readonly next: Int32Array<SharedArrayBuffer>;
}

/** Another thread that takes tiles of a job; resolves when it finds none left. */
export type TileHelper = (job: TileJob) => Promise<void>;

/**
 * The one full decode of a HEIC picture.
 * @param helper takes tiles at the same time
 * @throws ImageRejected when the file cannot be read
 */
export async function decodeHeic(file: Uint8Array, helper: TileHelper | null): Promise<DecodedHeic> {
  const heif = readHeifPicture(file);
  const { width, height } = heif.crop;
  const job: TileJob = {
    heif,
    pixels: new Uint8Array(new SharedArrayBuffer(width * height * 3)),
    next: new Int32Array(new SharedArrayBuffer(4)),
  };
  const helped = heif.tiles.length > 1 && helper ? helper(job) : Promise.resolve();
  // Handled below; until then a rejection must not count as unhandled.
  helped.catch(() => undefined);
  try {
    takeTiles(job);
  } finally {
    // Nobody begins another tile of a picture that is lost.
    Atomics.store(job.next, 0, heif.tiles.length);
    await helped;
  }
  return {
    picture: { data: job.pixels, width, height },
    orientation: heif.orientation,
    icc: heif.icc,
    exif: heif.exif,
  };
}

/** Decodes tile after tile until none is left. */
export function takeTiles({ heif, pixels, next }: TileJob): void {
  for (;;) {
    const index = Atomics.add(next, 0, 1);
    const tile = heif.tiles[index];
    if (!tile) return;
    const left = (index % heif.columns) * heif.tileWidth;
    const top = Math.floor(index / heif.columns) * heif.tileHeight;
    decodeTile(tile, (decoded) => {
      const weights = colourWeights(heif.colour ?? decoded.colour);
      paintTile(decoded, weights, { data: pixels, crop: heif.crop }, left, top);
    });
  }
}
