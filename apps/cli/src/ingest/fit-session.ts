import { type ShotList, type Slot, slotKey, slotsOf } from '@spinbay/contracts';
import type { PlannedSlot } from './plan-slots.ts';

/** A photo with the slot that its folder gives it. */
export interface PlannedPhoto extends PlannedSlot {
  /** Null where the file cannot be sent. */
  readonly sha256: string | null;
}

/** A difference between the folder of today and the session that was made of it. */
export interface Change {
  readonly file: string;
  /** In words, e.g. `was sent as angle_150; its place is now angle_165`. */
  readonly what: string;
  /** It was not sent before. */
  readonly isNew: boolean;
}

export interface Fit {
  /** Empty where folder and session agree. */
  readonly changes: readonly Change[];
  /** The slot of each photo when what was sent stays where it is; null where there is none for it. In the order of the photos. */
  readonly kept: readonly (Slot | null)[];
}

/**
 * Fits a folder into the session that an earlier run made of it. A photo keeps the slot that it was sent with: the server
 * knows its bytes in that slot. A new photo takes the slot that the folder gives it, where no other photo of the folder has it.
 *
 * @param known slots of photos that were sent, or were about to be, by SHA-256
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
  const homeless: number[] = [];
  const kept: (Slot | null)[] = photos.map(({ file, slot }, k) => {
    const sent = sentAs[k];
    const key = slotKey(slot);
    if (sent !== undefined) {
      if (slotKey(sent) !== key)
        changes.push({ file, what: `was sent as ${slotKey(sent)}; its place is now ${key}`, isNew: false });
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
          : `is new; its place ${key} was given to ${holder}`,
      isNew: true,
    });
    homeless.push(k);
    return null;
  });
  // A name says what a photo shows: only one that has none goes to a slot that happens to be free.
  const free = slots.filter((slot) => slot.angle_deg !== null && !holders.has(slotKey(slot)));
  for (const k of homeless) if (photos[k]?.isNamed === false) kept[k] = free.shift() ?? null;
  return { changes, kept };
}
