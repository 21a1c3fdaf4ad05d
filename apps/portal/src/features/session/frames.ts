import type { Image } from '@spinbay/contracts';
import { texts } from '../../ui/texts.ts';
import type { Gallery, LabelledSlot } from './gallery.ts';

/** A frame that can be opened large. `key` names it in the address of the page. */
export interface Frame {
  readonly key: string;
  readonly image: Image;
  readonly urls: NonNullable<Image['thumb_urls']>;
}

/** All frames with a picture, in the order of the page: slots, extra photos, and other takes if they are shown. */
export function framesOf(gallery: Gallery, withTakes: boolean): Frame[] {
  const frames: Frame[] = [];
  const add = (key: string, image: Image | null) => {
    if (image?.thumb_urls) frames.push({ key, image, urls: image.thumb_urls });
  };
  for (const slot of gallery.slots) add(slot.key, slot.image);
  for (const image of gallery.outside) add(image.id, image);
  if (withTakes) for (const image of gallery.takes) add(image.id, image);
  return frames;
}

/** The position of the frame that an address names, by its slot or by its id; -1 if none is shown. */
export function indexOfFrame(frames: readonly Frame[], name: string | null): number {
  return frames.findIndex(({ key, image }) => key === name || image.id === name);
}

/** `15°`, the label of a shot, `Front left`, or `Extra photo`. */
export function slotLabel(slot: LabelledSlot): string {
  if (slot.angle_deg !== null) return texts.gallery.angle(slot.angle_deg);
  if (slot.shot_label !== undefined) return slot.shot_label;
  return slot.shot_name === null ? texts.gallery.noSlot : texts.gallery.shot(slot.shot_name);
}

/** The angle in the key of a slot such as `angle_15`; null for anything else. */
export function angleOfKey(key: string | null): number | null {
  const angle = /^angle_(\d{1,3}(?:\.\d+)?)$/.exec(key ?? '')?.[1];
  return angle === undefined ? null : Number(angle);
}
