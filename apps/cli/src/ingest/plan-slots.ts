import { type SessionMode, type ShotList, type Slot, slotFromFileName, slotKey } from '@spinbay/contracts';
import { CommandError } from '../terminal/command-error.ts';
import { printable } from '../terminal/print.ts';

export interface PlannedSlot {
  readonly file: string;
  readonly slot: Slot;
  /** The file name gives the slot. Otherwise the file's position in the order does. */
  readonly isNamed: boolean;
}

export interface SlotPlan {
  readonly shotList: ShotList;
  readonly slots: readonly PlannedSlot[];
}

const defaultFrameCount = 24;

/** Assigns the photos of a folder to slots: by file name, else by order. */
export function planSlots(files: readonly string[], mode: SessionMode): SlotPlan {
  return mode === 'studio360' ? planSpin(files) : planStills(files);
}

function planSpin(files: readonly string[]): SlotPlan {
  const named = files.map((file) => ({ file, slot: slotFromFileName(file), isNamed: true }));
  const angles = named.map(({ slot }) => slot.angle_deg);
  if (angles.every((angle) => angle !== null)) {
    assertDistinct(named);
    return { shotList: { studio360: { frame_count: frameCountOf(angles) } }, slots: named };
  }
  const count = Math.max(files.length, defaultFrameCount);
  if (360 % count !== 0) {
    throw new CommandError(
      `The folder has ${files.length} photos, which do not divide a circle evenly. A spin has up to 24 photos (or 30, 36, 40, 45, 60, 72, ...). Remove some, or use --mode stills.`,
    );
  }
  const slots = files.map((file, k) => ({
    file,
    slot: { angle_deg: (k * 360) / count, shot_name: null },
    isNamed: false,
  }));
  return { shotList: { studio360: { frame_count: count } }, slots };
}

/** The smallest common frame count that has a slot for every angle. */
function frameCountOf(angles: readonly number[]): number {
  const count = [24, 36, 72, 120, 180, 360].find((n) => angles.every((angle) => (angle * n) % 360 === 0));
  if (count === undefined)
    throw new CommandError(
      'The angles in the file names are not whole degrees. Name the files angle_000.jpg, angle_015.jpg, ...',
    );
  return count;
}

function planStills(files: readonly string[]): SlotPlan {
  const slots = files.map((file) => {
    const slot = slotFromFileName(file);
    return {
      file,
      slot: slot.shot_name === null ? { angle_deg: null, shot_name: shotNameOf(file) } : slot,
      isNamed: true,
    };
  });
  assertDistinct(slots);
  const stills = slots.map(({ slot }) => ({ name: slot.shot_name ?? '', required: true }));
  return { shotList: { stills }, slots };
}

function shotNameOf(file: string): string {
  const stem = file.replace(/\.[^.]*$/, '');
  const name = stem
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '_')
    .replace(/^_+|_+$/g, '')
    .slice(0, 64)
    .replace(/_+$/, '');
  if (name === '')
    throw new CommandError(
      `${printable(file)}: the file name has no letters or digits for the name of a shot. Rename it.`,
    );
  return name;
}

function assertDistinct(frames: readonly { file: string; slot: Slot }[]): void {
  const seen = new Map<string, string>();
  for (const { file, slot } of frames) {
    const key = slotKey(slot);
    const other = seen.get(key);
    if (other !== undefined)
      throw new CommandError(
        `${printable(other)} and ${printable(file)} name the same slot (${key}). Rename or remove one of them.`,
      );
    seen.set(key, file);
  }
}
