import { BitReader, type HuffmanTable, huffmanTable } from './bit-reader.ts';
import { BlockChecker } from './block-checker.ts';
import { type Frame, readFrame, type Scan, uint16 } from './scan-layout.ts';

export interface ScanReport {
  /** The number of contradictions in the coded data. After each of them, the picture is wrong. */
  readonly faults: number;
  /** More coded data follow the end of a scan, and there are no faults. Some cameras write such data. */
  readonly surplusData: boolean;
  /** Every block is coded to its last bit. */
  readonly complete: boolean;
  /** The file has an end marker. */
  readonly endMarker: boolean;
}

/** Counting stops at this many faults. */
const maxCountedFaults = 100;
/** At most this many bytes before a marker are always padding. Longer data are padding only if all bytes are equal. */
const alignment = 4;

/**
 * Reads all coded data of a JPEG without computing pixels, and counts the faults: invalid codes, blocks of more than
 * 64 coefficients, brightness out of range, missing data, and surplus data before a restart marker. A JPEG has no checksum,
 * and a decoder conceals a hole in the middle of a file, so only this check finds it.
 *
 * For files that `readJpegHeader` reports as decodable. @returns null if the headers are invalid
 */
export function checkScans(bytes: Uint8Array): ScanReport | null {
  const tables = { dc: new Map<number, HuffmanTable>(), ac: new Map<number, HuffmanTable>() };
  const dcSteps = new Map<number, number>();
  let frame: Frame | null = null;
  let restartInterval = 0;
  let faults = 0;
  let surplusData = false;
  let at = 2;
  const report = (endMarker: boolean) =>
    frame && { faults, surplusData: surplusData && faults === 0, complete: isComplete(frame), endMarker };
  for (;;) {
    while (at < bytes.length && bytes[at] !== 0xff) at++;
    while (bytes[at] === 0xff) at++;
    const marker = bytes[at++];
    if (marker === undefined || marker === 0xd9) return report(marker === 0xd9);
    if (marker <= 0x01 || (marker >= 0xd0 && marker <= 0xd8)) continue;
    const end = at + uint16(bytes, at);
    if (end > bytes.length) return report(false);
    const body = bytes.subarray(at + 2, end);
    at = end;
    if (marker === 0xc4) readTables(body, tables);
    else if (marker === 0xdb) readDcSteps(body, dcSteps);
    else if (marker === 0xdd) restartInterval = uint16(body, 0);
    else if (marker >= 0xc0 && marker <= 0xc2 && frame === null) {
      frame = readFrame(marker, body);
      if (frame === null) return null;
    } else if (marker === 0xda) {
      const scan = frame && readScan(frame, body, tables, dcSteps, restartInterval);
      if (frame === null || scan === null) return null;
      const checked = checkScan(bytes, at, frame, scan, maxCountedFaults - faults);
      faults += checked.faults;
      surplusData ||= checked.surplusData;
      at = checked.at;
      if (faults >= maxCountedFaults) return report(true);
    }
  }
}

function isComplete({ components }: Frame): boolean {
  return components.every(({ codedTo }) => codedTo.every((bit) => bit === 0));
}

function readTables(body: Uint8Array, tables: { dc: Map<number, HuffmanTable>; ac: Map<number, HuffmanTable> }): void {
  for (let at = 0; at + 17 <= body.length; ) {
    const id = body[at] ?? 0;
    const counts = body.subarray(at + 1, at + 17);
    const size = counts.reduce((sum, count) => sum + count, 0);
    const symbols = body.subarray(at + 17, at + 17 + size);
    (id >> 4 ? tables.ac : tables.dc).set(id & 15, huffmanTable(counts, symbols));
    at += 17 + size;
  }
}

function readDcSteps(body: Uint8Array, steps: Map<number, number>): void {
  for (let at = 0; at < body.length; ) {
    const id = body[at] ?? 0;
    const wide = id >> 4 !== 0;
    steps.set(id & 15, wide ? uint16(body, at + 1) : (body[at + 1] ?? 0));
    at += wide ? 129 : 65;
  }
}

function readScan(
  frame: Frame,
  body: Uint8Array,
  tables: { dc: Map<number, HuffmanTable>; ac: Map<number, HuffmanTable> },
  dcSteps: Map<number, number>,
  restartInterval: number,
): Scan | null {
  const count = body[0] ?? 0;
  const components: Scan['components'][number][] = [];
  for (let n = 0; n < count; n++) {
    const [id, selectors = 0] = body.subarray(1 + n * 2);
    const component = frame.components.find((known) => known.id === id);
    if (component === undefined) return null;
    const [dc, ac] = [tables.dc.get(selectors >> 4), tables.ac.get(selectors & 15)];
    components.push({ component, dc, ac, dcStep: dcSteps.get(component.quantTable) ?? 1 });
  }
  const [from = 0, to = 63, approximation = 0] = body.subarray(1 + count * 2);
  const [high, low] = frame.progressive ? [approximation >> 4, approximation & 15] : [0, 0];
  const band = frame.progressive ? { from, to } : { from: 0, to: 63 };
  if (count === 0 || to > 63 || from > to) return null;
  for (const { component, dc, ac } of components) {
    // A progressive scan is the first one of its coefficients, or refines them by one bit.
    if (high > 0 ? low !== high - 1 : false) return null;
    if (band.from === 0 && high === 0 && dc === undefined) return null;
    if (band.to > 0 && ac === undefined) return null;
    component.codedTo.fill(low, band.from, band.to + 1);
  }
  if (frame.progressive && (from === 0 ? to > 0 : count > 1)) return null;
  return { components, ...band, high, low, restartInterval };
}

/** @returns the number of faults, and the position at which the data end */
function checkScan(
  bytes: Uint8Array,
  start: number,
  frame: Frame,
  scan: Scan,
  maxFaults: number,
): { faults: number; surplusData: boolean; at: number } {
  const reader = new BitReader(bytes, start);
  const checker = new BlockChecker(reader, frame, scan);
  const alone = scan.components.length === 1 ? scan.components[0]?.component : undefined;
  const units = alone ? alone.columns * alone.rows : frame.unitColumns * frame.unitRows;
  const interval = scan.restartInterval || units;
  let faults = 0;
  let expected = 0;
  for (let unit = 0; ; ) {
    checker.restart();
    const until = Math.min(units, unit + interval);
    faults += checker.checkUnits(unit, until);
    unit = until;
    const { at, spare } = reader.findMarker();
    const surplusData = isMoreThanPadding(spare);
    if (reader.overrun) faults++;
    if (unit >= units || faults >= maxFaults) return { faults, surplusData, at };
    if (surplusData) faults++;
    let marker = at + 1;
    while (bytes[marker] === 0xff) marker++;
    const number = (bytes[marker] ?? 0) - 0xd0;
    // Not a restart marker: the rest of the scan is missing.
    if (number < 0 || number > 7) return { faults: faults + 1, surplusData: false, at };
    if (number !== expected) {
      faults++;
      // The data in between are lost.
      unit += ((number - expected + 8) % 8) * interval;
    }
    expected = (number + 1) % 8;
    reader.restart(marker + 1);
  }
}

function isMoreThanPadding(spare: Uint8Array): boolean {
  const [first] = spare;
  return spare.length > alignment && spare.some((byte) => byte !== first);
}
