import { type ShotList, type Slot, slotsOf } from '@spinbay/contracts';

/** The slot for an angle or a shot name. Null if the list has no such slot, or if the frame has neither. */
export function findSlot(list: ShotList, wanted: Slot): Slot | null {
  // A client may have computed or rounded the angle.
  const near = (a: number | null, b: number | null) => a !== null && b !== null && Math.abs(a - b) < 0.001;
  const same = (slot: Slot) =>
    wanted.shot_name === null ? near(slot.angle_deg, wanted.angle_deg) : slot.shot_name === wanted.shot_name;
  return slotsOf(list).find(same) ?? null;
}
