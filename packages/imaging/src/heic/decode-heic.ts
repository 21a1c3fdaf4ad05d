import type { PixelBuffer } from '../kernel/quality-measures.ts';
import { colourWeights } from './colour-weights.ts';
import { decodeByFfmpeg, isSameTile, suitsFfmpeg, tileOf } from './ffmpeg.ts';
import { type HeifPicture, readHeifPicture } from './heif-picture.ts';
import { type DecodedTile, decodeTile } from './libde265.ts';
import { paintTile } from './paint-tile.ts';

export interface DecodedHeic {
  /** In the file's colour space and stored orientation. */
  readonly picture: PixelBuffer;
  /** The rotation and mirroring to apply, as an EXIF orientation (1-8). */
  readonly orientation: number;
  readonly icc: Uint8Array | null;
  /** The TIFF block of the EXIF item. Ignore its orientation: the container's, in `orientation`, applies. */
  readonly exif: Uint8Array | null;
}

/** The undecoded tiles of a picture, shared among threads. */
export interface TileJob {
  readonly heif: HeifPicture;
  /** The RGB pixels of the cropped picture. */
  readonly pixels: Uint8Array<SharedArrayBuffer>;
  /** A single number: the index of the next tile to decode. */
  readonly next: Int32Array<SharedArrayBuffer>;
}

/** Decodes tiles of a job in another thread. Resolves when no tile is left. */
type TileHelper = (job: TileJob) => Promise<void>;

export interface HeicOptions {
  /** Decodes tiles in parallel. */
  readonly helper?: TileHelper | undefined;
  /** The path of an ffmpeg, which is used if its first tile matches the built-in decoder's. */
  readonly ffmpeg?: string | undefined;
}

/**
 * Decodes the full HEIC picture.
 * @throws ImageRejected if the file cannot be read
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
  if (!done) await decodeInProcess(job, helper);
  return {
    picture: { data: job.pixels, width, height },
    orientation: heif.orientation,
    icc: heif.icc,
    exif: heif.exif,
  };
}

/** @returns false if ffmpeg failed, or if its first tile differs from the built-in decoder's */
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

async function decodeInProcess(job: TileJob, helper: TileHelper | undefined): Promise<void> {
  const count = job.heif.tiles.length;
  const helped = count > 1 && helper ? helper(job) : Promise.resolve();
  // Awaited below. Until then, a rejection must not count as unhandled.
  helped.catch(() => undefined);
  try {
    takeTiles(job);
  } finally {
    // No thread starts another tile of a failed picture.
    Atomics.store(job.next, 0, count);
    await helped;
  }
}

/** Decodes tiles until none is left. */
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
