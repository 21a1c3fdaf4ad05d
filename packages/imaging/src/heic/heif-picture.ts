import { heicSequenceBrands } from '../image-format.ts';
import { ImageRejected } from '../image-rejected.ts';
import { maxPixels, tooManyPixels } from '../picture-size.ts';
import { Bytes, cutOff, damaged } from './boxes.ts';
import { readExifItem } from './heif-exif.ts';
import { type HeifItem, type HeifItems, readHeifItems } from './heif-items.ts';
import { type HevcConfiguration, readHevcConfiguration } from './hevc-headers.ts';

/** A coded picture: the whole picture or one tile of a grid. */
export interface CodedTile {
  readonly configuration: HevcConfiguration;
  /** NAL units, each preceded by its length. */
  readonly data: Uint8Array;
}

/** The code points of H.273, from the container. */
export interface CodedColour {
  readonly primaries: number;
  readonly matrix: number;
  readonly fullRange: boolean;
}

/** A rectangle in stored pixels. */
export interface Crop {
  readonly left: number;
  readonly top: number;
  readonly width: number;
  readonly height: number;
}

/** The metadata of a HEIC file's primary picture. Reading it decodes no pixels. */
export interface HeifPicture {
  /** The grid of tiles, before `crop`. */
  readonly columns: number;
  readonly rows: number;
  readonly tileWidth: number;
  readonly tileHeight: number;
  /** Row by row. */
  readonly tiles: readonly CodedTile[];
  /** The visible area, in stored orientation. */
  readonly crop: Crop;
  /** The container's rotation and mirroring as an EXIF orientation (1-8). Not the orientation in the EXIF block. */
  readonly orientation: number;
  /** Null if the container does not specify it. The coded data may. */
  readonly colour: CodedColour | null;
  readonly icc: Uint8Array | null;
  /** TIFF block of the EXIF item. */
  readonly exif: Uint8Array | null;
}

/** Reads the structure, and checks sizes and that all data are within the file. @throws ImageRejected */
export function readHeifPicture(file: Uint8Array): HeifPicture {
  refuseSequences(file);
  const items = readHeifItems(file);
  const { primary } = items;
  const { size, ...layout } = primary.type === 'grid' ? readGrid(items, primary) : readSingle(items, primary);
  const { crop, orientation } = readTransforms(items, primary, size);
  return { ...layout, crop, orientation, ...readColour(items, primary), exif: readExifItem(items, primary) };
}

function refuseSequences(file: Uint8Array): void {
  const brand = String.fromCharCode(...file.subarray(8, 12));
  if (heicSequenceBrands.has(brand)) {
    throw new ImageRejected(
      'unsupported_format',
      'The file is a sequence of pictures (a burst or an animation): upload one picture of it, as HEIC or JPEG.',
    );
  }
}

interface Size {
  readonly width: number;
  readonly height: number;
}

type Layout = Pick<HeifPicture, 'columns' | 'rows' | 'tileWidth' | 'tileHeight' | 'tiles'> & { readonly size: Size };

function readSingle(items: HeifItems, item: HeifItem): Layout {
  const tile = readTile(items, item);
  const size = sizeOf(items, item);
  const { sequence } = tile.configuration;
  assertPixels(size);
  if (size.width > sequence.width || size.height > sequence.height)
    throw damaged('a picture size that differs from the coded one');
  return { size, columns: 1, rows: 1, tileWidth: sequence.width, tileHeight: sequence.height, tiles: [tile] };
}

/** ISO/IEC 23008-12, 6.6.2.3. */
function readGrid(items: HeifItems, item: HeifItem): Layout {
  const bytes = new Bytes(items.data(item.id));
  if (bytes.uint(1) !== 0) throw damaged('a grid of an unknown version');
  const numberSize = bytes.uint(1) & 1 ? 4 : 2;
  const rows = bytes.uint(1) + 1;
  const columns = bytes.uint(1) + 1;
  const size = { width: bytes.uint(numberSize), height: bytes.uint(numberSize) };
  assertPixels(size);
  const ids = items.references(item.id, 'dimg');
  if (ids.length !== rows * columns) {
    throw damaged(`a grid of ${columns} x ${rows} tiles that lists ${ids.length}`);
  }
  const tiles = ids.map((id) => readTile(items, items.item(id)));
  const [first] = tiles;
  if (!first) throw damaged('a grid without tiles');
  const { width: tileWidth, height: tileHeight } = first.configuration.sequence;
  for (const { configuration } of tiles) {
    if (configuration.sequence.width !== tileWidth || configuration.sequence.height !== tileHeight) {
      throw damaged('a grid of tiles of different sizes');
    }
  }
  // Each tile must be visible, so that a small picture cannot make the decoder decode many tiles.
  const fits = (side: number, tile: number, count: number) => side > tile * (count - 1) && side <= tile * count;
  if (!fits(size.width, tileWidth, columns) || !fits(size.height, tileHeight, rows)) {
    throw damaged(`a grid of ${size.width} x ${size.height} pixels that its tiles do not fill`);
  }
  return { size, columns, rows, tileWidth, tileHeight, tiles };
}

function readTile(items: HeifItems, item: HeifItem): CodedTile {
  if (item.type !== 'hvc1') {
    throw new ImageRejected(
      'unsupported_format',
      `The file is a HEIC of a rare kind (its picture is coded as "${printable(item.type)}" instead of HEVC): upload it as JPEG.`,
    );
  }
  const property = items.properties(item.id).find(({ type }) => type === 'hvcC');
  if (!property) throw damaged('a picture without decoder configuration');
  const configuration = readHevcConfiguration(property.body);
  const { codedWidth: width, codedHeight: height } = configuration.sequence;
  assertPixels({ width, height });
  const data = items.data(item.id);
  if (data.length === 0) throw cutOff();
  return { configuration, data };
}

function sizeOf(items: HeifItems, item: HeifItem): Size {
  const property = items.properties(item.id).find(({ type }) => type === 'ispe');
  if (!property) throw damaged('a picture without its size');
  const bytes = new Bytes(property.body);
  bytes.uint(4);
  return { width: bytes.uint(4), height: bytes.uint(4) };
}

function assertPixels({ width, height }: Size): void {
  if (width === 0 || height === 0) throw damaged(`a size of ${width} x ${height} pixels`);
  if (width * height > maxPixels) throw new ImageRejected('too_many_pixels', tooManyPixels(width, height));
}

/** The orientation after another quarter turn counter-clockwise, by orientation (1-8). */
const turned = [0, 8, 5, 6, 7, 4, 1, 2, 3] as const;
/** The orientation after swapping left and right, by orientation (1-8). */
const swappedSides = [0, 2, 1, 4, 3, 6, 5, 8, 7] as const;
/** The orientation after swapping top and bottom, by orientation (1-8). */
const swappedEnds = [0, 4, 3, 2, 1, 8, 7, 6, 5] as const;

/** Reads crop, rotation and mirroring, in the order in which the file applies them. */
function readTransforms(items: HeifItems, item: HeifItem, size: Size): { crop: Crop; orientation: number } {
  let crop: Crop = { left: 0, top: 0, ...size };
  let orientation = 1;
  for (const { type, body } of items.properties(item.id)) {
    const bytes = new Bytes(body);
    if (type === 'irot') {
      for (let quarters = bytes.uint(1) & 3; quarters > 0; quarters--) orientation = turned[orientation] ?? 1;
    } else if (type === 'imir') {
      // 0: swap top and bottom. 1: swap left and right (ISO/IEC 23008-12:2022, 6.5.12).
      orientation = (bytes.uint(1) & 1 ? swappedSides : swappedEnds)[orientation] ?? 1;
    } else if (type === 'clap') {
      if (orientation !== 1) throw damaged('a crop after a rotation');
      crop = readCrop(bytes, crop);
    }
  }
  return { crop, orientation };
}

/** CleanApertureBox (ISO/IEC 14496-12, 12.1.4): size and offset of the centre, as fractions. */
function readCrop(bytes: Bytes, within: Crop): Crop {
  const fraction = () => {
    const [numerator, denominator] = [bytes.int32(), bytes.int32()];
    if (denominator < 1) throw damaged('a crop without a size');
    return numerator / denominator;
  };
  const [width, height, right, down] = [fraction(), fraction(), fraction(), fraction()];
  const place = (side: number, wanted = 0, offset = 0) => {
    const length = Math.round(wanted);
    const from = Math.round((side - wanted) / 2 + offset);
    if (length < 1 || from < 0 || from + length > side) throw damaged('a crop outside the picture');
    return { from, length };
  };
  const x = place(within.width, width, right);
  const y = place(within.height, height, down);
  return { left: within.left + x.from, top: within.top + y.from, width: x.length, height: y.length };
}

function readColour(items: HeifItems, item: HeifItem): { colour: CodedColour | null; icc: Uint8Array | null } {
  let colour: CodedColour | null = null;
  let icc: Uint8Array | null = null;
  // If the grid does not specify the colour, its tiles may.
  const [firstTile] = items.references(item.id, 'dimg');
  const properties = [...items.properties(item.id), ...(firstTile === undefined ? [] : items.properties(firstTile))];
  for (const { type, body } of properties) {
    if (type !== 'colr') continue;
    const bytes = new Bytes(body);
    const kind = bytes.fourCharacters();
    if (kind === 'nclx' && !colour) {
      const primaries = bytes.uint(2);
      bytes.uint(2);
      colour = { primaries, matrix: bytes.uint(2), fullRange: bytes.uint(1) >= 0x80 };
    } else if ((kind === 'prof' || kind === 'rICC') && !icc) {
      icc = bytes.take(bytes.left);
    }
  }
  return { colour, icc };
}

function printable(type: string): string {
  return type.replace(/[^\x20-\x7e]/g, '?');
}
