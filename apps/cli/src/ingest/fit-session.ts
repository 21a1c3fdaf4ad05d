import { type ShotList, type Slot, slotKey, slotsOf } from '@spinbay/contracts';
import type { PlannedSlot } from './plan-slots.ts';

/** A photo with the slot that the folder assigns to it. */
export interface PlannedPhoto extends PlannedSlot {
  /** Null if the file cannot be sent. */
  readonly sha256: string | null;
}

/** A difference between the folder and the session that was created from it. */
export interface Change {
  readonly file: string;
  /** Text, for example `was sent as angle_150; its slot is now angle_165`. */
  readonly what: string;
  /** The photo was not sent before. */
  readonly isNew: boolean;
}

export interface Fit {
  /** Empty if the folder and the session agree. */
  readonly changes: readonly Change[];
  /** The slot of each photo if sent photos keep theirs, in the order of the photos. Null: the photo gets no slot. */
  readonly kept: readonly (Slot | null)[];
}

/**
 * Fits a folder into the session that an earlier run created from it. A sent photo keeps its slot, because the server has
 * its bytes in that slot. A new photo takes the slot that the folder assigns to it. If the session lacks that slot, or if
 * another photo of the folder has it, the new photo takes a free slot, unless its file name gives the slot.
 *
 * @param known slots of photos that were sent or planned, by SHA-256
 */
export function fitSession(photos: readonly PlannedPhoto[], shotList: ShotList, known: ReadonlyMap<string, Slot>): Fit {
  const sentAs = photos.map(({ sha256 }) => (sha256 === null ? undefined : known.get(sha256)));
  const holders = new Map<string, string>();
  photos.forEach(({ file }, k) => {
    const slot = sentAs[k];
    if (slot !== undefined) holders.set(slotKey(slot), file);
  });
  const slots = slotsOf(shotList);
  const inList = new Set(slots.map(slotKey));
  const changes: Change[] = [];
  const unplaced: number[] = [];
  const kept: (Slot | null)[] = photos.map(({ file, slot }, k) => {
    const sent = sentAs[k];
    const key = slotKey(slot);
    if (sent !== undefined) {
      if (slotKey(sent) !== key)
        changes.push({ file, what: `was sent as ${slotKey(sent)}; its slot is now ${key}`, isNew: false });
      return sent;
    }
    const holder = holders.get(key);
    if (holder === undefined && inList.has(key)) {
      holders.set(key, file);
      return slot;
    }
    changes.push({
      file,
      what:
        holder === undefined
          ? `is new; the session has no slot ${key}`
          : `is new; its slot ${key} belongs to ${holder}`,
      isNew: true,
    });
    unplaced.push(k);
    return null;
  });
  // A photo whose file name gives a slot must not go to another slot. The rest go to free slots.
  const free = slots.filter((slot) => slot.angle_deg !== null && !holders.has(slotKey(slot)));
  for (const k of unplaced) if (photos[k]?.isNamed === false) kept[k] = free.shift() ?? null;
  return { changes, kept };
}
