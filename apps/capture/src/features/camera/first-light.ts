import { slotKey } from '@spinbay/contracts';
import type { LocalPhoto } from '@spinbay/outbox';
import type { Light } from '../../photo/light.ts';
import { lightOf } from './judge-photo.ts';

/** The light of the first photo of a spin, with which the others are compared. A photo that was replaced does not count. */
export class FirstLight {
  /**
   * By slot. The stored photos may lack it, because a check may end before its photo is stored, or after it was stored
   * without a verdict.
   */
  readonly #measured = new Map<string, { readonly imageId: string; readonly light: Light }>();

  measured(slot: string, imageId: string, light: Light): void {
    this.#measured.set(slot, { imageId, light });
  }

  /** Call when the photo of a slot was removed or could not be stored. */
  forget(slot: string): void {
    this.#measured.delete(slot);
  }

  /**
   * The light with which a photo of this slot is compared. Null if there is no other photo.
   * @param photos in the order in which they were stored, because the clock of the device may have been set back meanwhile
   */
  before(slot: string, photos: readonly LocalPhoto[]): Light | null {
    const newest = new Map<string, LocalPhoto>();
    for (const photo of photos) {
      const key = slotKey(photo);
      // A photo that replaces another one takes a new place in the order.
      newest.delete(key);
      newest.set(key, photo);
    }
    newest.delete(slot);
    for (const [key, photo] of newest) {
      const measured = this.#measured.get(key);
      const light = measured?.imageId === photo.image_id ? measured.light : lightOf(photo.qc);
      if (light !== null) return light;
    }
    for (const [key, { light }] of this.#measured) if (key !== slot) return light;
    return null;
  }
}
