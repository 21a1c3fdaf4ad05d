import {
  type Image,
  type ImageStatus,
  lookUp,
  type ShotList,
  type Slot,
  slotKey,
  slotsOf,
  type Verdict,
  verdictOf,
} from '@spinbay/contracts';

export type FrameStatus = ImageStatus | 'missing';

/** A slot, or a frame, with the label that its shot has in the shot list. */
export interface LabelledSlot extends Slot {
  readonly shot_label?: string;
}

/** Gives slots or frames the labels of the shot list. */
export function withLabels<S extends Slot>(shotList: ShotList, slots: readonly S[]): readonly (S & LabelledSlot)[] {
  const labels = new Map(shotList.stills?.flatMap(({ name, label }) => (label === undefined ? [] : [[name, label]])));
  if (labels.size === 0) return slots;
  return slots.map((slot) => {
    const label = labels.get(slot.shot_name ?? '');
    return label === undefined ? slot : { ...slot, shot_label: label };
  });
}

/** A slot of the shot list with its current frame. */
interface GallerySlot {
  readonly key: string;
  readonly slot: LabelledSlot;
  /**
   * The current frame. Frames that the server does not mark as `superseded` come first. Among equals, it is the newest good
   * frame or, without one, the newest that arrived, is expected, or has expired, in this order.
   */
  readonly image: Image | null;
  readonly status: FrameStatus;
  readonly required: boolean;
  /** Whether a newer take of the slot is expected. */
  readonly retakeComing: boolean;
}

export interface Gallery {
  /** In shooting order. */
  readonly slots: readonly GallerySlot[];
  /** Frames without a slot, or with an angle or shot that is not in the list, oldest first. */
  readonly outside: readonly Image[];
  /** Frames that are not the current frame of their slot, in the order of the slots. */
  readonly takes: readonly Image[];
  readonly counts: GalleryCounts;
}

export interface GalleryCounts {
  readonly expected: number;
  /** The number of slots whose frame arrived, good or bad. */
  readonly arrived: number;
  /** This and the following counts include extra photos, like the counts of the list and of publishing. */
  readonly pass: number;
  readonly warn: number;
  /** A failed frame that was published anyway counts only as published. */
  readonly fail: number;
  readonly pending: number;
  readonly expired: number;
  readonly missing: number;
  readonly published: number;
}

/** Sorts the frames of a session into the slots of its shot list. */
export function buildGallery(shotList: ShotList, images: readonly Image[]): Gallery {
  const byKey = groupBySlot(images);
  const optional = new Set(shotList.stills?.filter((shot) => !shot.required).map((shot) => shot.name));
  const takes: Image[] = [];
  const known = new Set<string>();
  const slots = withLabels(shotList, slotsOf(shotList)).map((slot): GallerySlot => {
    const key = slotKey(slot);
    known.add(key);
    const frames = byKey.get(key) ?? [];
    const image = frames.toSorted(currentFirst)[0] ?? null;
    takes.push(...frames.filter((frame) => frame !== image).toSorted(newestFirst));
    return {
      key,
      slot,
      image,
      status: image?.status ?? 'missing',
      required: slot.shot_name === null || !optional.has(slot.shot_name),
      retakeComing: image?.status !== 'pending' && frames.some((frame) => frame.status === 'pending'),
    };
  });
  const outside = images.filter((image) => !known.has(slotKey(image))).toSorted((a, b) => newestFirst(b, a));
  return { slots, outside, takes, counts: countFrames(slots, outside) };
}

function groupBySlot(images: readonly Image[]): Map<string, Image[]> {
  const groups = new Map<string, Image[]>();
  for (const image of images) {
    const key = slotKey(image);
    const group = groups.get(key);
    if (group) group.push(image);
    else groups.set(key, [image]);
  }
  return groups;
}

function countFrames(slots: readonly GallerySlot[], outside: readonly Image[]): GalleryCounts {
  const current = [...slots.flatMap(({ image }) => image ?? []), ...outside.filter((image) => !image.superseded)];
  const withStatus = (status: ImageStatus) => current.filter((image) => image.status === status).length;
  const withVerdict = (verdict: Verdict) => current.filter((image) => verdictOf(image) === verdict).length;
  return {
    expected: slots.length,
    arrived: slots.filter(({ status }) => arrivedStatuses.has(status)).length,
    pass: withVerdict('pass'),
    warn: withVerdict('warn'),
    fail: withStatus('failed'),
    pending: withStatus('pending'),
    expired: withStatus('expired'),
    missing: slots.filter(({ image }) => image === null).length,
    published: withStatus('published'),
  };
}

const arrivedStatuses: ReadonlySet<FrameStatus> = new Set(['processed', 'failed', 'published']);

const rank: Record<ImageStatus, number> = { published: 4, processed: 4, failed: 3, pending: 2, expired: 1 };

const rankOf = ({ status }: Image) => lookUp<number>(rank, status, 0);

function currentFirst(a: Image, b: Image): number {
  return Number(a.superseded) - Number(b.superseded) || rankOf(b) - rankOf(a) || newestFirst(a, b);
}

function newestFirst(a: Image, b: Image): number {
  return Date.parse(b.created_at) - Date.parse(a.created_at) || (a.id < b.id ? 1 : -1);
}
