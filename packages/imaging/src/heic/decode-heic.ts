import type { PixelBuffer } from '../kernel/quality-measures.ts';
import { colourWeights } from './colour-weights.ts';
import { decodeByFfmpeg, isSameTile, suitsFfmpeg, tileOf } from './ffmpeg.ts';
import { type HeifPicture, readHeifPicture } from './heif-picture.ts';
import { type DecodedTile, decodeTile } from './libde265.ts';
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
type TileHelper = (job: TileJob) => Promise<void>;

export interface HeicOptions {
  /** Takes tiles at the same time. */
  readonly helper?: TileHelper | undefined;
  /** Path of an ffmpeg, which is used where it gives the same. */
  readonly ffmpeg?: string | undefined;
}

/**
 * The one full decode of a HEIC picture.
 * @throws ImageRejected when the file cannot be read
 */
export async function decodeHeic(file: Uint8Array, { helper, ffmpeg }: HeicOptions = {}): Promise<DecodedHeic> {
  const heif = readHeifPicture(file);
  const { width, height } = heif.crop;
  const job: TileJob = {
    heif,
    pixels: new Uint8Array(new SharedArrayBuffer(width * height * 3)),
    next: new Int32Array(new SharedArrayBuffer(4)),
  };
  const done = ffmpeg !== undefined && suitsFfmpeg(heif) && (await paintByFfmpeg(ffmpeg, job));
  if (!done) await decodeHere(job, helper);
  return {
    picture: { data: job.pixels, width, height },
    orientation: heif.orientation,
    icc: heif.icc,
    exif: heif.exif,
  };
}

/** @returns false when ffmpeg failed, or gives another first tile than the decoder here */
async function paintByFfmpeg(ffmpeg: string, { heif, pixels }: TileJob): Promise<boolean> {
  const frames = await decodeByFfmpeg(ffmpeg, heif);
  const [first] = heif.tiles;
  if (!frames || !first) return false;
  let colour: DecodedTile['colour'] | undefined;
  decodeTile(first, (decoded) => {
    if (isSameTile(decoded, tileOf(frames, heif, 0, decoded.colour))) colour = decoded.colour;
  });
  if (!colour) return false;
  for (let index = 0; index < heif.tiles.length; index++)
    paint(heif, pixels, index, tileOf(frames, heif, index, colour));
  return true;
}

async function decodeHere(job: TileJob, helper: TileHelper | undefined): Promise<void> {
  const count = job.heif.tiles.length;
  const helped = count > 1 && helper ? helper(job) : Promise.resolve();
  // Handled below; until then a rejection must not count as unhandled.
  helped.catch(() => undefined);
  try {
    takeTiles(job);
  } finally {
    // Nobody begins another tile of a picture that is lost.
    Atomics.store(job.next, 0, count);
    await helped;
  }
}

/** Decodes tile after tile until none is left. */
export function takeTiles({ heif, pixels, next }: TileJob): void {
  for (;;) {
    const index = Atomics.add(next, 0, 1);
    const tile = heif.tiles[index];
    if (!tile) return;
    decodeTile(tile, (decoded) => paint(heif, pixels, index, decoded));
  }
}

function paint(heif: HeifPicture, pixels: Uint8Array, index: number, tile: DecodedTile): void {
  const left = (index % heif.columns) * heif.tileWidth;
  const top = Math.floor(index / heif.columns) * heif.tileHeight;
  const weights = colourWeights(heif.colour ?? tile.colour);
  paintTile(tile, weights, { data: pixels, crop: heif.crop }, left, top);
}
