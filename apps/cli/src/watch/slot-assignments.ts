import { type ShotList, type Slot, slotKey, slotsOf } from '@spinbay/contracts';

interface Entry {
  readonly file: string;
  readonly slot: Slot;
}

/** Records which photo has which slot. The next photo takes the first free slot. */
export class SlotAssignments {
  readonly #slots: readonly Slot[];
  readonly #used = new Map<string, string>();
  readonly #order: Entry[] = [];

  constructor(shotList: ShotList) {
    this.#slots = slotsOf(shotList);
  }

  /** Marks a slot that has a photo already, from an earlier run or another device. */
  use(slot: Slot, file: string): void {
    this.#used.set(slotKey(slot), file);
  }

  /** @returns the slot for this photo; null if no slot is free. A file that is written again keeps its slot. */
  take(file: string): Slot | null {
    const again = this.#order.find((entry) => entry.file === file);
    if (again !== undefined) return again.slot;
    const slot = this.#slots.find((each) => !this.#used.has(slotKey(each)));
    if (slot === undefined) return null;
    this.use(slot, file);
    this.#order.push({ file, slot });
    return slot;
  }

  /** Frees the slot of the last photo. @returns null if no photo has taken a slot */
  undo(): Entry | null {
    const last = this.#order.pop();
    if (last === undefined) return null;
    this.#used.delete(slotKey(last.slot));
    return last;
  }

  get open(): number {
    return this.#slots.length - this.#used.size;
  }

  get total(): number {
    return this.#slots.length;
  }
}
