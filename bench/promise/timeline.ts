/** The stages of an upload in order, in epoch milliseconds. NaN: not observed. */
export interface PartTimes {
  readonly presigned: number;
  readonly firstByte: number;
  readonly uploaded: number;
  /** When the store had it and had sent its event. */
  readonly event: number;
  readonly pickedUp: number;
  readonly processed: number;
  readonly polled: number;
  readonly painted: number;
  readonly bytes: number;
}

export interface FrameTimes {
  readonly angle: number;
  readonly shutter: number;
  /** When it was stored on the device. */
  readonly stored: number;
  /** The upload that the reviewer sees first. */
  readonly first: PartTimes;
  readonly original: PartTimes;
}

export const stages = [
  'shutter',
  'stored',
  'presigned',
  'firstByte',
  'uploaded',
  'event',
  'pickedUp',
  'processed',
  'polled',
  'painted',
] as const;
export type Stage = (typeof stages)[number];

export const stageWords: Readonly<Record<Stage, string>> = {
  shutter: 'shutter',
  stored: 'stored',
  presigned: 'presigned',
  firstByte: 'first byte',
  uploaded: 'uploaded',
  event: 'event',
  pickedUp: 'picked up',
  processed: 'processed',
  polled: 'polled',
  painted: 'painted',
};

export function timeOf({ shutter, stored, ...frame }: FrameTimes, part: 'first' | 'original', stage: Stage): number {
  if (stage === 'shutter') return shutter;
  if (stage === 'stored') return stored;
  return frame[part][stage];
}

export interface BoundInput {
  readonly frames: readonly FrameTimes[];
  readonly part: 'first' | 'original';
  /** The clock starts here: the last photo. */
  readonly began: number;
  /** The uploads whose bytes must pass the link first. */
  readonly uploads: readonly PartTimes[];
  readonly bytesPerSecond: number;
  readonly decodeMs: { readonly first: number; readonly original: number };
  readonly cores: number;
}

/** Half of the portal's polling interval of 3 s: the average wait of a change. */
const halfPollMs = 1_500;

/**
 * The least seconds for the work that remains when the clock starts: bytes on the link, decoding on the cores, half a poll.
 */
export function boundOf({ frames, part, began, uploads, bytesPerSecond, decodeMs, cores }: BoundInput) {
  const link = uploads.reduce((sum, upload) => sum + bytesAfter(upload, began), 0) / bytesPerSecond;
  const toDecode = frames.filter((frame) => !(frame[part].processed <= began)).length;
  const decode = (toDecode * decodeMs[part]) / cores / 1000;
  return { link, decode, poll: halfPollMs / 1000, total: link + decode + halfPollMs / 1000 };
}

/** The bytes of an upload that are sent after `began`, if the rate is even. */
function bytesAfter({ firstByte, uploaded, bytes }: PartTimes, began: number): number {
  if (Number.isNaN(uploaded)) return bytes;
  const share = (uploaded - Math.max(began, firstByte)) / (uploaded - firstByte);
  return bytes * Math.min(1, Math.max(0, share));
}
