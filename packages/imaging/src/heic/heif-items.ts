import { Bytes, cutOff, damaged, readBoxes } from './boxes.ts';

/** One entry of a HEIF file's item table (ISO/IEC 14496-12, 8.11). */
export interface HeifItem {
  readonly id: number;
  /** `hvc1`: a coded picture. `grid`: a picture composed of others. `Exif`: metadata. */
  readonly type: string;
}

/** A descriptive or transformative property of an item, in the file's order. */
interface Property {
  readonly type: string;
  readonly body: Uint8Array;
}

/** The item tables of a HEIF file. Every look-up is checked against the actual file size. */
export interface HeifItems {
  readonly primary: HeifItem;
  item(id: number): HeifItem;
  properties(id: number): readonly Property[];
  /** The ids that an item refers to with this reference type, in order. */
  references(from: number, type: string): readonly number[];
  /** The ids of the items that refer to this one. */
  referring(to: number, type: string): readonly number[];
  /** The bytes of an item: a view of the file for one extent, a copy for several. */
  data(id: number): Uint8Array;
}

interface Location {
  readonly method: number;
  readonly extents: readonly { offset: number; length: number }[];
}

interface Reference {
  readonly type: string;
  readonly from: number;
  readonly to: readonly number[];
}

/** At the pixel limit, a grid has about 420 tiles of 512 pixels. Phones add metadata and previews. */
const maxItems = 2048;

/** @throws ImageRejected if the tables are damaged, or missing because the file is truncated */
export function readHeifItems(file: Uint8Array): HeifItems {
  const meta = readTopLevel(file);
  const found = new Map(readBoxes(meta).map((box) => [box.type, box.body]));
  const part = (type: string) => {
    const body = found.get(type);
    if (!body) throw damaged(`no ${type} box`);
    return new Bytes(body.data);
  };
  const items = readItemTypes(part('iinf'));
  const locations = readLocations(part('iloc'));
  const properties = readProperties(part('iprp'));
  const references = found.has('iref') ? readReferences(part('iref')) : [];
  const inline = found.get('idat')?.data ?? new Uint8Array();
  const item = (id: number) => {
    const type = items.get(id);
    if (type === undefined) throw damaged(`a reference to the missing item ${id}`);
    return { id, type };
  };
  return {
    primary: item(readPrimary(part('pitm'))),
    item,
    properties: (id) => properties.get(id) ?? [],
    references: (from, type) =>
      references.filter((entry) => entry.from === from && entry.type === type).flatMap(({ to }) => to),
    referring: (to, type) =>
      references.filter((entry) => entry.type === type && entry.to.includes(to)).map(({ from }) => from),
    data: (id) => {
      const location = locations.get(id);
      if (!location) throw damaged(`item ${id} has no location`);
      if (location.method > 1) throw damaged(`item ${id} is constructed from other items`);
      return join(location.method === 1 ? inline : file, location.extents);
    },
  };
}

/** Finds the `meta` box. A file that is truncated in its picture data still has it. */
function readTopLevel(file: Uint8Array): Uint8Array {
  let rest = file;
  while (rest.length >= 8) {
    const bytes = new Bytes(rest);
    let size = bytes.uint(4);
    const type = bytes.fourCharacters();
    if (size === 1 && rest.length >= 16) size = bytes.uint(8);
    else if (size === 0) size = rest.length;
    const header = rest.length - bytes.left;
    if (size < header) throw damaged(`a box of ${size} bytes`);
    if (type === 'meta') {
      if (size > rest.length) throw cutOff();
      if (size < header + 4) throw damaged('an empty meta box');
      return rest.subarray(header + 4, size);
    }
    if (size >= rest.length) break;
    rest = rest.subarray(size);
  }
  throw cutOff();
}

function versionOf(bytes: Bytes): { version: number; flags: number } {
  const word = bytes.uint(4);
  return { version: word >>> 24, flags: word & 0xff_ffff };
}

function readPrimary(bytes: Bytes): number {
  return bytes.uint(versionOf(bytes).version === 0 ? 2 : 4);
}

function readItemTypes(bytes: Bytes): Map<number, string> {
  const { version } = versionOf(bytes);
  assertCount(bytes.uint(version === 0 ? 2 : 4), 'items');
  const types = new Map<number, string>();
  for (const { type, body } of readBoxes(bytes.take(bytes.left))) {
    if (type !== 'infe') continue;
    const entry = versionOf(body);
    // Versions 0 and 1 have no item type and are not needed.
    if (entry.version < 2) continue;
    const id = body.uint(entry.version === 2 ? 2 : 4);
    // A non-zero protection index marks an encrypted item.
    if (body.uint(2) !== 0) continue;
    types.set(id, body.fourCharacters());
  }
  return types;
}

function readLocations(bytes: Bytes): Map<number, Location> {
  const { version } = versionOf(bytes);
  const sizes = bytes.uint(2);
  const [offsetSize, lengthSize, baseSize] = [sizes >> 12, (sizes >> 8) & 15, (sizes >> 4) & 15];
  const indexSize = version > 0 ? sizes & 15 : 0;
  const count = assertCount(bytes.uint(version < 2 ? 2 : 4), 'items');
  const locations = new Map<number, Location>();
  for (let i = 0; i < count; i++) {
    const id = bytes.uint(version < 2 ? 2 : 4);
    const method = version > 0 ? bytes.uint(2) & 15 : 0;
    const otherFile = bytes.uint(2) !== 0;
    const base = bytes.uint(baseSize);
    const extentCount = assertCount(bytes.uint(2), 'pieces');
    const extents = Array.from({ length: extentCount }, () => {
      bytes.uint(indexSize);
      return { offset: base + bytes.uint(offsetSize), length: bytes.uint(lengthSize) };
    });
    if (!otherFile) locations.set(id, { method, extents });
  }
  return locations;
}

function readProperties(bytes: Bytes): Map<number, readonly Property[]> {
  const boxes = readBoxes(bytes.data);
  const container = boxes.find(({ type }) => type === 'ipco');
  if (!container) throw damaged('no ipco box');
  const all = readBoxes(container.body.data).map(({ type, body }) => ({ type, body: body.data }));
  const properties = new Map<number, Property[]>();
  for (const { type, body } of boxes) {
    if (type !== 'ipma') continue;
    const { version, flags } = versionOf(body);
    const count = assertCount(body.uint(4), 'items');
    for (let i = 0; i < count; i++) {
      const id = body.uint(version < 1 ? 2 : 4);
      const own = properties.get(id) ?? [];
      for (let left = body.uint(1); left > 0; left--) {
        // The highest bit marks an essential property. The rest is an index that starts at 1.
        const index = flags & 1 ? body.uint(2) & 0x7fff : body.uint(1) & 0x7f;
        const property = all[index - 1];
        if (property && own.length < 64) own.push(property);
      }
      properties.set(id, own);
    }
  }
  return properties;
}

function readReferences(bytes: Bytes): Reference[] {
  const size = versionOf(bytes).version === 0 ? 2 : 4;
  return readBoxes(bytes.take(bytes.left)).map(({ type, body }) => {
    const from = body.uint(size);
    const count = assertCount(body.uint(2), 'references');
    return { type, from, to: Array.from({ length: count }, () => body.uint(size)) };
  });
}

function join(source: Uint8Array, extents: Location['extents']): Uint8Array {
  let length = 0;
  for (const extent of extents) {
    if (extent.offset + extent.length > source.length) throw cutOff();
    length += extent.length;
  }
  // Overlapping extents would let a small file claim any amount of data.
  if (length > source.length) throw damaged('data that is used twice');
  const pieces = extents.map((extent) => source.subarray(extent.offset, extent.offset + extent.length));
  const [only, ...others] = pieces;
  return only && others.length === 0 ? only : new Uint8Array(Buffer.concat(pieces));
}

function assertCount(count: number, what: string): number {
  if (count > maxItems) throw damaged(`${count} ${what}`);
  return count;
}
