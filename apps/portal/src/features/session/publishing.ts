import { type Image, type LeftReason, verdictOf } from '@spinbay/contracts';
import { reviewTexts } from '../../ui/review-texts.ts';

/** A reviewer's request that the server has not answered yet. */
export type Decision =
  | { readonly kind: 'publish'; readonly image: Image; readonly override: boolean; readonly preview: boolean }
  | {
      readonly kind: 'unpublish';
      readonly image: Image;
      /** Whether more requests of the same undo follow. */
      readonly more?: boolean;
    }
  /** All frames that passed, optionally also those with a warning. */
  | { readonly kind: 'all'; readonly warned: boolean }
  | { readonly kind: 'unpublish_all' };

/**
 * The possible action for a frame: publish, publish after a question (it failed or has only a preview), unpublish, or none.
 */
export type Publishable = 'publish' | 'override' | 'preview' | 'undo' | 'no';

export function publishableOf(image: Pick<Image, 'status' | 'qc' | 'shown_upload'>): Publishable {
  if (image.status === 'published') return 'undo';
  if (image.status === 'processed') return image.shown_upload === 'preview' ? 'preview' : 'publish';
  return image.status === 'failed' && image.qc ? 'override' : 'no';
}

/** Whether a frame is the newer take of a slot with a published frame. */
export function isReplacement({ slot, superseded, status }: Pick<Image, 'slot' | 'superseded' | 'status'>): boolean {
  return slot?.replacement_waiting === true && !superseded && status !== 'published';
}

/** Whether publishing a frame unpublishes another frame of its slot, newer or older. */
export function replacesPublished({ id, slot, status }: Pick<Image, 'id' | 'slot' | 'status'>): boolean {
  const published = slot?.published_image_id ?? null;
  return published !== null && published !== id && status !== 'published';
}

/** The number of unpublished frames that passed, and of those with a warning. */
export interface Unpublished {
  readonly passed: number;
  readonly warned: number;
}

export function countUnpublished(images: readonly Image[]): Unpublished {
  const [all, passed] = [true, false].map((warned) => images.filter((image) => isInBulk(image, warned)).length);
  return { passed: passed ?? 0, warned: (all ?? 0) - (passed ?? 0) };
}

/** Whether publishing all includes this frame. */
function isInBulk(image: Image, warned: boolean): boolean {
  if (image.status !== 'processed' || image.superseded || image.shown_upload === 'preview') return false;
  const verdict = verdictOf(image);
  return verdict === 'pass' || (warned && verdict === 'warn');
}

/**
 * The frames with all pending requests applied. Only the server knows when a frame was published and by which person. Both
 * are null until it replies.
 */
export function applyDecisions(images: readonly Image[], decisions: readonly Decision[]): readonly Image[] {
  if (decisions.length === 0) return images;
  return images.map((image) => decisions.reduce(applyOne, image));
}

function applyOne(image: Image, decision: Decision): Image {
  if (decision.kind === 'all') return isInBulk(image, decision.warned) ? { ...image, status: 'published' } : image;
  if (decision.kind === 'unpublish_all') return unpublished(image);
  const isReplaced = decision.kind === 'publish' && decision.image.slot?.published_image_id === image.id;
  if (decision.image.id !== image.id) return isReplaced ? unpublished(image) : image;
  if (decision.kind === 'unpublish') return unpublished(image);
  if (image.status === 'published') return image;
  return { ...image, status: 'published', override: image.status === 'failed' };
}

function unpublished(image: Image): Image {
  if (image.status !== 'published') return image;
  const status = image.override ? 'failed' : 'processed';
  return { ...image, status, override: false, published_at: null, published_by: null };
}

/** `18 published, 6 left: 4 failed, 2 on the way`. */
export function bulkWords(published: number, left: readonly { readonly reason: LeftReason }[]): string {
  const { publish } = reviewTexts;
  const order = Object.keys(publish.reasons) as LeftReason[];
  const reasons = order.flatMap((reason) => {
    const count = left.filter((one) => one.reason === reason).length;
    return count > 0 ? [publish.reasons[reason](count)] : [];
  });
  const rest = left.length === 0 ? publish.nothingLeft : publish.left(left.length, reasons.join(', '));
  return `${publish.allPublished(published)}, ${rest}`;
}
