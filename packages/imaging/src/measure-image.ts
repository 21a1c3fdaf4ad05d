import type { Exif, QcThresholds } from '@spinbay/contracts';
import { decodeJpeg } from './decode.ts';
import { noExif, readExif, withPlausibleTime } from './exif.ts';
import { decodeHeic, type HeicOptions } from './heic/decode-heic.ts';
import { sniffFormat } from './image-format.ts';
import { ImageRejected } from './image-rejected.ts';
import { type JpegHeader, readJpegHeader } from './jpeg-header.ts';
import { checkScans, type ScanReport } from './jpeg-scans/check-scans.ts';
import { type DecodedPicture, measurePixels, type PixelMeasures } from './measure-pixels.ts';
import { maxPixels, tooManyPixels } from './picture-size.ts';

export interface MeasureOptions {
  readonly qc: QcThresholds;
  /** Larger files are rejected without being decoded. */
  readonly maxBytes: number;
  /** The colour grids of other frames of the same spin, by which the car is found. Default: none. */
  readonly otherGrids?: readonly Uint8Array[];
  /** Whether to read the GPS position from EXIF. Default: false. */
  readonly keepGps?: boolean;
  /** Checked between steps. A running step is not interrupted. */
  readonly signal?: AbortSignal;
  /** Options that speed up the decoding of HEIC pictures. */
  readonly heic?: HeicOptions;
}

export interface ImageMeasures extends PixelMeasures {
  readonly format: 'jpeg' | 'heic';
  readonly exif: Exif;
}

/** Cameras and encoders write about 10 scans. A file of 105 KB with 98 tiny scans took 1.7 s and 303 MB. */
const maxScans = 40;

/**
 * Measures an uploaded picture for the worker. All results come from one decoded picture.
 * @throws ImageRejected if the bytes are not a readable picture, or the signal's reason if it aborts
 */
export async function measureImage(bytes: Buffer, options: MeasureOptions): Promise<ImageMeasures> {
  const { qc, maxBytes, keepGps = false, signal } = options;
  signal?.throwIfAborted();
  const format = acceptFile(bytes, maxBytes);
  const { exif, ...picture } = await (format === 'heic'
    ? openHeic(bytes, keepGps, options.heic)
    : openJpeg(bytes, keepGps));
  signal?.throwIfAborted();
  const measures = await measurePixels(picture, qc, options.otherGrids ?? []);
  signal?.throwIfAborted();
  return { format, exif, ...measures };
}

type Opened = DecodedPicture & { readonly exif: Exif };

async function openJpeg(bytes: Buffer, keepGps: boolean): Promise<Opened> {
  const header = acceptJpeg(bytes);
  const { exif, notes } = exifOf(header.exif, keepGps);
  const scans = checkScans(bytes);
  const lacksEndMarker = scans !== null && !scans.endMarker && scans.complete && scans.faults === 0;
  const pixels = await decodeJpeg(lacksEndMarker ? Buffer.concat([bytes, endMarker]) : bytes);
  return {
    ...damageOf(scans),
    notes: lacksEndMarker ? [...notes, 'no_end_marker'] : notes,
    pixels,
    orientation: exif.orientation ?? 1,
    icc: header.icc,
    exif,
  };
}

async function openHeic(bytes: Buffer, keepGps: boolean, options: HeicOptions | undefined): Promise<Opened> {
  const { picture, ...decoded } = await decodeHeic(bytes, options);
  const { exif, notes } = exifOf(decoded.exif, keepGps);
  // HEIF (ISO/IEC 23008-12, annex A.2): only the container's rotation counts. If only EXIF has one, a program probably
  // dropped that of the container.
  const ignored = exif.orientation !== null && exif.orientation !== 1 && decoded.orientation === 1;
  return { ...decoded, notes: ignored ? [...notes, 'exif_orientation_ignored'] : notes, pixels: picture, exif };
}

function exifOf(block: Uint8Array | null, keepGps: boolean) {
  return withPlausibleTime(block ? readExif(block, keepGps) : noExif, new Date());
}

const endMarker = Uint8Array.of(0xff, 0xd9);

function damageOf(scans: ScanReport | null): Pick<DecodedPicture, 'damage'> {
  if (scans === null) return {};
  const status = scans.faults > 0 ? 'fail' : scans.surplusData ? 'warn' : 'pass';
  return { damage: { status, faults: scans.faults } };
}

/** Checks the size and the format by the first bytes. */
function acceptFile(bytes: Buffer, maxBytes: number): 'jpeg' | 'heic' {
  if (bytes.length === 0) throw new ImageRejected('empty_file', 'The file is empty (0 bytes): upload it again.');
  if (bytes.length > maxBytes) {
    throw new ImageRejected(
      'too_large',
      `The file has ${megabytes(bytes.length)} MB; at most ${megabytes(maxBytes)} MB are allowed.`,
    );
  }
  const format = sniffFormat(bytes);
  if (format === 'jpeg' || format === 'heic') return format;
  if (format === 'unknown') {
    throw new ImageRejected('not_an_image', 'The file is not a picture, despite its name: upload a JPEG or HEIC.');
  }
  throw new ImageRejected('unsupported_format', `The file is ${format.toUpperCase()}: upload a JPEG or HEIC.`);
}

/** Rejects everything that can be rejected without decoding pixels. */
function acceptJpeg(bytes: Buffer): JpegHeader {
  const header = readJpegHeader(bytes);
  if (header === 'truncated') {
    throw new ImageRejected('truncated', 'The file ends before the picture data: upload it again.');
  }
  if (header === 'corrupt' || header.width === 0 || header.height === 0) {
    throw new ImageRejected('decode_failed', 'The JPEG header is damaged: upload the original file again.');
  }
  if (!header.decodable) {
    throw new ImageRejected(
      'unsupported_format',
      `The JPEG uses a rare coding (${header.bitsPerSample} bits per sample, lossless or arithmetic): save it as a normal 8-bit JPEG.`,
    );
  }
  const pixels = header.width * header.height;
  if (pixels > maxPixels) {
    throw new ImageRejected('too_many_pixels', tooManyPixels(header.width, header.height));
  }
  if (header.scans > maxScans) {
    throw new ImageRejected(
      'decode_failed',
      `The progressive JPEG has ${header.scans} scans, more than any camera writes (at most ${maxScans} are allowed): save it as a normal JPEG.`,
    );
  }
  return header;
}

function megabytes(bytes: number): string {
  return (bytes / 1e6).toFixed(1);
}
