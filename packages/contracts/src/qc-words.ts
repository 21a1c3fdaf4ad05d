import { type ImageNote, imageNotes, type Qc } from './qc.ts';
import type { QcThresholds } from './qc-rules.ts';

/** A sharpness score, rounded down, so that 99.7 does not look like 100 next to a limit of 100. */
export function scoreWords(score: number): string {
  return String(Math.floor(score));
}

/** A text about the width of the edges. Rounded up, so that a value over a limit is shown over it. */
export function edgeWords(edges: NonNullable<Qc['sharpness']['edges']>): string {
  if (edges.width === null) return 'no clear edge in the picture';
  const what = edges.region === 'car' ? 'edges of the car' : 'edges';
  const wide = `${what} ${edgeWidthWords(edges.width)} px wide at ${edges.long_side} px`;
  if (edges.motion_deg === null) return `soft: ${wide}`;
  const along = edges.motion_deg === 0 ? 'sideways' : edges.motion_deg === 90 ? 'up and down' : 'diagonally';
  return `motion blur ${along}: ${wide}`;
}

export function edgeWidthWords(width: number): string {
  return String(Math.ceil(Number((width * 10).toFixed(6))) / 10);
}

/** A share of the picture as `9 %`, `5.1 %` or `under 0.1 %`. Rounded up, so that a value over a limit is shown over it. */
export function shareWords(share: number): string {
  if (share <= 0) return '0 %';
  // 0.09 * 100 is 9.000000000000001, which must not be rounded up.
  const percent = Math.ceil(Number((share * 1000).toFixed(6))) / 10;
  return share < 0.001 ? 'under 0.1 %' : `${percent} %`;
}

/** Why the size does not pass; empty if it does. */
export function sizeWords({ size }: Qc): string[] {
  if (size === undefined || size.status === 'pass') return [];
  const pixels = `${size.width} x ${size.height} pixels`;
  return [size.status === 'fail' ? `too small: ${pixels}` : `small: ${pixels}`];
}

/** Why the file is or may be damaged; empty if it is intact. */
export function damageWords({ damage }: Qc): string[] {
  if (damage?.status === 'fail') return ['damaged: parts of the file changed after the camera wrote it'];
  if (damage?.flat_share !== undefined)
    return [`maybe damaged: ${shareWords(damage.flat_share)} of the height has a single colour`];
  if (damage?.status === 'warn') return ['maybe damaged: the file has extra data after its picture'];
  return [];
}

/** Harmless oddities of the file. Leaves out notes of a later version. */
export function noteWords({ notes = [] }: Qc): string[] {
  return notes.flatMap((note) => (note in imageNotes ? imageNotes[note as ImageNote] : []));
}

/** What a profile rejects as not sharp. For a profile of a later server, only its name. */
export function thresholdWords(thresholds: QcThresholds): string {
  if (thresholds.profile === 'v1') return `v1, sharpness below ${thresholds.sharpness_fail} fails`;
  if (thresholds.profile === 'v2') return `v2, sharpness at 1000 px below ${thresholds.sharpness_1000_fail} fails`;
  if (thresholds.profile === 'v3') return `v3, edges wider than ${thresholds.edge_width_fail} px fail`;
  return thresholds.profile;
}
