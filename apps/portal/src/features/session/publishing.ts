import { type Image, type LeftReason, verdictOf } from '@spinbay/contracts';
import { reviewTexts } from '../../ui/review-texts.ts';

/** What a reviewer asked for and the server has not answered yet. */
export type Decision =
  | { readonly kind: 'publish'; readonly image: Image; readonly override: boolean; readonly preview: boolean }
  | {
      readonly kind: 'unpublish';
      readonly image: Image;
      /** More of the same undoing follow. */
      readonly more?: boolean;
    }
  /** All that passed, and those with a warning where they are wanted too. */
  | { readonly kind: 'all'; readonly warned: boolean }
  | { readonly kind: 'unpublish_all' };

/**
 * What can be done with a frame: publish it, publish it after a question (it failed, or only its preview is here), take it
 * back, or nothing.
 */
export type Publishable = 'publish' | 'override' | 'preview' | 'undo' | 'no';

export function publishableOf(image: Pick<Image, 'status' | 'qc' | 'shown_upload'>): Publishable {
  if (image.status === 'published') return 'undo';
  if (image.status === 'processed') return image.shown_upload === 'preview' ? 'preview' : 'publish';
  return image.status === 'failed' && image.qc ? 'override' : 'no';
}

/** Whether publishing a frame takes back the one that its slot has published. */
export function isReplacement({ slot, superseded, status }: Pick<Image, 'slot' | 'superseded' | 'status'>): boolean {
  return slot?.replacement_waiting === true && !superseded && status !== 'published';
}

/** How many frames wait to be published: those that passed, and those with a warning. */
export interface Unpublished {
  readonly passed: number;
  readonly warned: number;
}

export function countUnpublished(images: readonly Image[]): Unpublished {
  const [all, passed] = [true, false].map((warned) => images.filter((image) => isInBulk(image, warned)).length);
  return { passed: passed ?? 0, warned: (all ?? 0) - (passed ?? 0) };
}

/** Whether a frame goes out when all are published at once. */
function isInBulk(image: Image, warned: boolean): boolean {
  if (image.status !== 'processed' || image.superseded || image.shown_upload === 'preview') return false;
  const verdict = verdictOf(image);
  return verdict === 'pass' || (warned && verdict === 'warn');
}

/**
 * The frames as they will be when the server agrees to all that was asked. When and by whom a frame was published is the
 * server's to say: until then both are null.
 */
export function applyDecisions(images: readonly Image[], decisions: readonly Decision[]): readonly Image[] {
  if (decisions.length === 0) return images;
  return images.map((image) => decisions.reduce(applyOne, image));
}

function applyOne(image: Image, decision: Decision): Image {
  if (decision.kind === 'all') return isInBulk(image, decision.warned) ? { ...image, status: 'published' } : image;
  if (decision.kind === 'unpublish_all') return takenBack(image);
  if (decision.image.id !== image.id) return image;
  if (decision.kind === 'unpublish') return takenBack(image);
  if (image.status === 'published') return image;
  return { ...image, status: 'published', override: image.status === 'failed' };
}

function takenBack(image: Image): Image {
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
