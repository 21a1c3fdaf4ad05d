import { type Image, type QcThresholds, verdictOf } from '@spinbay/contracts';
import type { FrameQc, ViewerFrame } from '@spinbay/viewer';
import { texts } from '../../ui/texts.ts';
import type { Gallery } from './gallery.ts';
import { reasonsOf } from './qc-words.ts';

interface SpinOptions {
  readonly thresholds: QcThresholds;
  /** The number of retries of failed pictures, by image id. */
  readonly retries: ReadonlyMap<string, number>;
  readonly original: (image: Image) => Promise<string>;
}

/** The angles of a session for the viewer, with gaps. */
export function spinFrames(gallery: Gallery, { thresholds, retries, original }: SpinOptions): ViewerFrame[] {
  return gallery.slots.flatMap(({ slot, image }): ViewerFrame[] => {
    if (slot.angle_deg === null) return [];
    const { angle_deg } = slot;
    if (!image) return [{ angle_deg, qc: 'missing' }];
    const again = retries.get(image.id) ?? 0;
    // The part after # is not sent: the same object, but a different URL for caches.
    const url = (src: string | undefined) => (src !== undefined && again > 0 ? `${src}#${again}` : src);
    return [
      {
        angle_deg,
        qc: qcOf(image),
        id: image.id,
        src600: url(image.thumb_urls?.[600]),
        src1200: url(image.thumb_urls?.[1200]),
        original: originalIsShowable(image) ? () => original(image) : undefined,
        label: image.status === 'expired' ? texts.gallery.expired : reasonsOf(image, thresholds).join('; '),
      },
    ];
  });
}

/** False for HEIC, which only Safari shows: the 1200 px picture is used instead. Also false for a preview. */
export function originalIsShowable(image: Pick<Image, 'storage_key' | 'thumb_urls' | 'shown_upload'>): boolean {
  return image.thumb_urls !== null && image.shown_upload !== 'preview' && !/\.hei[cf]$/i.test(image.storage_key);
}

function qcOf(image: Image): FrameQc {
  if (image.status === 'pending') return 'pending';
  if (image.status === 'expired') return 'missing';
  return verdictOf(image) ?? 'pending';
}
