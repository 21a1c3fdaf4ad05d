import { ApiError } from '@spinbay/client';
import type { Image } from '@spinbay/contracts';
import { reviewTexts } from '../../ui/review-texts.ts';
import { texts } from '../../ui/texts.ts';
import { slotLabel } from './frames.ts';

const { frame: words } = reviewTexts;

interface Reply {
  /** The earlier frame with the same photo. */
  readonly data: Pick<Image, 'session_id' | 'angle_deg' | 'shot_name'> | undefined;
  readonly error: unknown;
}

/** Where the same photo is, as far as this is known. */
export function duplicateWords({ data, error }: Reply, of: Pick<Image, 'session_id'>): string {
  if (data) return data.session_id === of.session_id ? words.sameAs(slotLabel(data)) : words.sameElsewhere;
  return error instanceof ApiError && error.code === 'image_not_found' ? words.sameUnknown : texts.qc.duplicate;
}

/** The address of a frame, by its id, because its slot may show another frame. */
export function framePath({ session_id, id }: Pick<Image, 'session_id' | 'id'>): string {
  return `/sessions/${session_id}?frame=${id}`;
}
