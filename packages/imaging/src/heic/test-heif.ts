import type { CodedUnits } from './test-coded-tiles.ts';

/** Describes a HEIF file that the tests assemble, so that any part of it can be wrong. */
export interface HeifSpec {
  readonly brand?: string;
  readonly tile: CodedUnits;
  /** The side of a tile in pixels. Default: 64. */
  readonly tileSide?: number;
  /** The coded picture of each tile of a grid. Default: that of `tile`. */
  readonly slicesOf?: (index: number) => readonly Buffer[];
  /** Without a grid, the file is one coded picture. */
  readonly grid?: { columns: number; rows: number; width: number; height: number; tiles?: number };
  /** `ispe` of the primary item. Default: the size of the grid, or 64 x 64. */
  readonly size?: { width: number; height: number };
  /** Boxes of the primary item, in this order: `irot(1)`, `colr(...)` ... */
  readonly properties?: readonly Buffer[];
  /** TIFF block of an EXIF item. */
  readonly exif?: Buffer;
  readonly itemType?: string;
  /** Changes the extent of an item in `iloc`. */
  readonly place?: (id: number, extent: { offset: number; length: number }) => { offset: number; length: number };
  /** NAL units before each tile's data. */
  readonly extraUnits?: readonly Buffer[];
}

export function box(type: string, ...bodies: Buffer[]): Buffer {
  const body = Buffer.concat(bodies);
  return Buffer.concat([uint(4, body.length + 8), Buffer.from(type, 'latin1'), body]);
}

export function uint(size: number, ...values: number[]): Buffer {
  const bytes = Buffer.alloc(size * values.length);
  for (const [i, value] of values.entries()) bytes.writeUIntBE(value, i * size, size);
  return bytes;
}

const fullBox = (type: string, version: number, ...bodies: Buffer[]) =>
  box(type, uint(4, version * 2 ** 24), ...bodies);

export const irot = (quarters: number) => box('irot', uint(1, quarters));
export const imir = (axis: number) => box('imir', uint(1, axis));
export const nclx = (primaries: number, matrix: number, full: boolean) =>
  box('colr', Buffer.from('nclx'), uint(2, primaries, 13, matrix), uint(1, full ? 0x80 : 0));
export const icc = (profile: Buffer) => box('colr', Buffer.from('prof'), profile);
export const clap = (width: number, height: number, right: number, down: number) =>
  box('clap', uint(4, width, 1, height, 1, right >>> 0, 1, down >>> 0, 1));

const ispe = (width: number, height: number) => fullBox('ispe', 0, uint(4, width, height));

function hvcC({ parameterSets }: CodedUnits): Buffer {
  const arrays = parameterSets.map((unit) =>
    Buffer.concat([uint(1, ((unit[0] ?? 0) >> 1) & 63), uint(2, 1, unit.length), unit]),
  );
  return box('hvcC', Buffer.alloc(21), uint(1, 0xff, arrays.length), ...arrays);
}

const primaryId = 1;
const exifId = 2;
const firstTileId = 10;

export function heif(spec: HeifSpec): Buffer {
  const { tile, grid, exif, tileSide = 64, place = (_, extent) => extent } = spec;
  const dataOf = (slices: readonly Buffer[]) =>
    Buffer.concat([...(spec.extraUnits ?? []), ...slices].flatMap((unit) => [uint(4, unit.length), unit]));
  const data = dataOf(tile.slices);
  const items: { id: number; type: string; data: Buffer; properties: number[] }[] = [];
  // Property 1: configuration. 2: size of the primary item. 3: size of a tile. From 4: the properties of the spec.
  const extra = (spec.properties ?? []).map((_, i) => i + 4);
  const type = spec.itemType ?? 'hvc1';
  if (grid) {
    const { columns, rows, width, height } = grid;
    const gridHeader = uint(1, 0, 1, rows - 1, columns - 1);
    items.push({
      id: primaryId,
      type: 'grid',
      data: Buffer.concat([gridHeader, uint(4, width, height)]),
      properties: [2, ...extra],
    });
    for (let i = 0; i < (grid.tiles ?? columns * rows); i++)
      items.push({
        id: firstTileId + i,
        type,
        data: spec.slicesOf ? dataOf(spec.slicesOf(i)) : data,
        properties: [1, 3],
      });
  } else items.push({ id: primaryId, type, data, properties: [1, 2, ...extra] });
  if (exif) items.push({ id: exifId, type: 'Exif', data: Buffer.concat([uint(4, 0), exif]), properties: [] });

  const size = spec.size ?? grid ?? { width: 64, height: 64 };
  const tileIds = items.filter(({ id }) => id >= firstTileId).map(({ id }) => id);
  const references = [
    ...(grid ? [box('dimg', uint(2, primaryId, tileIds.length, ...tileIds))] : []),
    ...(exif ? [box('cdsc', uint(2, exifId, 1, primaryId))] : []),
  ];
  const ftyp = box('ftyp', Buffer.from(spec.brand ?? 'heic'), uint(4, 0), Buffer.from('mif1heic'));
  const meta = (dataAt: number) => {
    let at = dataAt;
    const locations = items.map((item) => {
      const extent = place(item.id, { offset: at, length: item.data.length });
      at += item.data.length;
      return Buffer.concat([uint(2, item.id, 0, 1), uint(4, extent.offset, extent.length)]);
    });
    return fullBox(
      'meta',
      0,
      fullBox('hdlr', 0, uint(4, 0), Buffer.from('pict'), Buffer.alloc(13)),
      fullBox('pitm', 0, uint(2, primaryId)),
      fullBox('iloc', 0, uint(2, 0x4400, items.length), ...locations),
      fullBox(
        'iinf',
        0,
        uint(2, items.length),
        ...items.map((item) => fullBox('infe', 2, uint(2, item.id, 0), Buffer.from(item.type), uint(1, 0))),
      ),
      fullBox('iref', 0, ...references),
      box(
        'iprp',
        box('ipco', hvcC(tile), ispe(size.width, size.height), ispe(tileSide, tileSide), ...(spec.properties ?? [])),
        fullBox(
          'ipma',
          0,
          uint(4, items.length),
          ...items.map((item) =>
            Buffer.concat([uint(2, item.id), uint(1, item.properties.length, ...item.properties)]),
          ),
        ),
      ),
    );
  };
  const dataAt = ftyp.length + meta(0).length + 8;
  return Buffer.concat([ftyp, meta(dataAt), box('mdat', ...items.map((item) => item.data))]);
}
