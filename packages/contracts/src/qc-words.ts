import { type ImageNote, imageNotes, type Qc } from './qc.ts';

/** A sharpness score, rounded down: 99.7 does not read as the 100 that it misses. */
export function scoreWords(score: number): string {
  return String(Math.floor(score));
}

/** What the width of the edges tells, in words. Rounded up, so that what is over a limit reads so. */
export function edgeWords(edges: NonNullable<Qc['sharpness']['edges']>): string {
  if (edges.width === null) return 'nothing in the picture has a clear edge';
  const wide = `edges ${edgeWidthWords(edges.width)} px wide at ${edges.long_side} px`;
  if (edges.motion_deg === null) return `soft: ${wide}`;
  const along = edges.motion_deg === 0 ? 'sideways' : edges.motion_deg === 90 ? 'up and down' : 'diagonally';
  return `smeared ${along} by motion: ${wide}`;
}

export function edgeWidthWords(width: number): string {
  return String(Math.ceil(Number((width * 10).toFixed(6))) / 10);
}

/** A share of the picture as `9 %`, `5.1 %` or `under 0.1 %`; rounded up, so that what is over a limit reads so. */
export function shareWords(share: number): string {
  if (share <= 0) return '0 %';
  // A share such as 0.09 is 9.000000000000001 as a percentage: that is not more than 9.
  const percent = Math.ceil(Number((share * 1000).toFixed(6))) / 10;
  return share < 0.001 ? 'under 0.1 %' : `${percent} %`;
}

/** Why the size is no pass; empty where it is one. */
export function sizeWords({ size }: Qc): string[] {
  if (size === undefined || size.status === 'pass') return [];
  const pixels = `${size.width} x ${size.height} pixels`;
  return [size.status === 'fail' ? `too small for any use: ${pixels}` : `small: ${pixels}`];
}

/** Why the file is not whole; empty where it is. */
export function damageWords({ damage }: Qc): string[] {
  if (damage?.status === 'fail') return ['damaged: parts of the file are not what the camera wrote'];
  if (damage?.status === 'warn') return ['maybe damaged: the file has data left over behind its picture'];
  return [];
}

/** What was odd about the file and did no harm. Notes of a later version are left out. */
export function noteWords({ notes = [] }: Qc): string[] {
  return notes.flatMap((note) => (note in imageNotes ? imageNotes[note as ImageNote] : []));
}
