import type { HuffmanTable } from './bit-reader.ts';

/** A colour component of the frame header and the state of its coefficients. */
interface Component {
  readonly id: number;
  /** The number of blocks in a minimum coded unit. */
  readonly across: number;
  readonly down: number;
  /** The number of blocks that hold the picture. A scan of only this component codes no others. */
  readonly columns: number;
  readonly rows: number;
  /** The number of blocks per row, including padding of the last unit. */
  readonly stride: number;
  readonly blocks: number;
  readonly quantTable: number;
  /** By coefficient: the lowest coded bit (0 if complete), or -1 before its first scan. */
  readonly codedTo: Int8Array;
  /** Progressive frames only: two numbers per block, with a bit for each non-zero coefficient. */
  readonly nonZero: Uint32Array;
}

export interface Frame {
  readonly progressive: boolean;
  readonly components: readonly Component[];
  readonly unitColumns: number;
  readonly unitRows: number;
}

export interface ScanComponent {
  readonly component: Component;
  readonly dc: HuffmanTable | undefined;
  readonly ac: HuffmanTable | undefined;
  /** The first number of the quantization table. */
  readonly dcStep: number;
}

/** A scan header (ITU-T T.81, B.2.3). `from`, `to`, `high` and `low` are its Ss, Se, Ah and Al. */
export interface Scan {
  readonly components: readonly ScanComponent[];
  readonly from: number;
  readonly to: number;
  readonly high: number;
  readonly low: number;
  /** The number of units between restart markers, or 0. */
  readonly restartInterval: number;
}

/** Reads a frame header (T.81, B.2.2). @returns null if it is invalid */
export function readFrame(marker: number, body: Uint8Array): Frame | null {
  const height = uint16(body, 1);
  const width = uint16(body, 3);
  const count = body[5] ?? 0;
  if (width === 0 || height === 0 || count === 0 || count > 4 || body.length < 6 + count * 3) return null;
  const raw = Array.from({ length: count }, (_, n) => {
    const [id = 0, sampling = 0, quantTable = 0] = body.subarray(6 + n * 3);
    return { id, across: sampling >> 4, down: sampling & 15, quantTable };
  });
  if (raw.some(({ across, down }) => across < 1 || across > 4 || down < 1 || down > 4)) return null;
  const maxAcross = Math.max(...raw.map(({ across }) => across));
  const maxDown = Math.max(...raw.map(({ down }) => down));
  const unitColumns = Math.ceil(width / (8 * maxAcross));
  const unitRows = Math.ceil(height / (8 * maxDown));
  const progressive = marker === 0xc2;
  const components = raw.map(({ id, across, down, quantTable }): Component => {
    const blocks = unitColumns * across * unitRows * down;
    return {
      id,
      across,
      down,
      columns: Math.ceil(Math.ceil((width * across) / maxAcross) / 8),
      rows: Math.ceil(Math.ceil((height * down) / maxDown) / 8),
      stride: unitColumns * across,
      blocks,
      quantTable,
      codedTo: new Int8Array(64).fill(-1),
      nonZero: new Uint32Array(progressive ? blocks * 2 : 0),
    };
  });
  return { progressive, components, unitColumns, unitRows };
}

export function uint16(bytes: Uint8Array, at: number): number {
  return ((bytes[at] ?? 0) << 8) | (bytes[at + 1] ?? 0);
}
