import type { Image, Session } from '@spinbay/contracts';
import { awaitsOriginal } from './preview-words.ts';

export type Liveness =
  /** Frames are arriving or may arrive at any moment. */
  | { readonly state: 'live' }
  /** Frames are still expected, but there was no news for some minutes. `since`: the last news, epoch milliseconds. */
  | { readonly state: 'stalled'; readonly since: number }
  | { readonly state: 'over' };

/** Without news for this long a session counts as stalled. */
export const stallMs = 5 * 60_000;

/**
 * The result depends only on the server's data about the session and its frames, never on the order in which replies arrive.
 * @param now by the server's clock, epoch milliseconds
 */
export function livenessOf(
  session: Pick<Session, 'status' | 'started_at'>,
  images: readonly Image[],
  now: number,
): Liveness {
  if (session.status !== 'active' && !images.some(isAwaited)) return { state: 'over' };
  const since = lastNews(session, images);
  return now - since > stallMs ? { state: 'stalled', since } : { state: 'live' };
}

/** The frame, or the original of its preview, has not arrived yet. */
function isAwaited(image: Image): boolean {
  return image.status === 'pending' || awaitsOriginal(image);
}

function lastNews(session: Pick<Session, 'started_at'>, images: readonly Image[]): number {
  const times = images.flatMap((image) => [
    image.created_at,
    image.uploaded_at ?? image.created_at,
    image.processed_at ?? image.created_at,
    image.published_at ?? image.created_at,
  ]);
  return times.reduce((latest, time) => Math.max(latest, Date.parse(time)), Date.parse(session.started_at));
}
