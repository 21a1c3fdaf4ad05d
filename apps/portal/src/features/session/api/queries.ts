import type { Client } from '@spinbay/client';
import type { Session, SessionId } from '@spinbay/contracts';
import { type QueryClient, queryOptions } from '@tanstack/react-query';
import { pollDelay } from '../../../api/poll-delay.ts';
import { livenessOf } from '../liveness.ts';
import { fetchImages, type ImagesSnapshot } from './fetch-images.ts';

/** Milliseconds between polls: while frames arrive, and after some minutes without news. */
const interval = 3000;
const stalledInterval = 30_000;
/** How long the page polls quickly after somebody opens it or looks at it again. */
const attentionMs = 2 * 60_000;

/**
 * The session. It is not polled, because the frames are polled and their ETag also changes with the session's state. Only
 * failed requests are repeated.
 */
export function sessionQuery(client: Client, id: SessionId) {
  return queryOptions({
    queryKey: ['session', id],
    queryFn: async ({ signal }) => (await client.getSession({ params: { session_id: id } }, { signal })).body,
    refetchInterval: ({ state }) => (state.status === 'error' ? pollDelay(state, interval) : false),
  });
}

/** What decides, besides the frames, when to poll again. Times in epoch milliseconds. */
export interface Seen {
  readonly session: Session | undefined;
  /** When the session was fetched, by this device's clock. */
  readonly sessionAt: number;
  /** When somebody last opened the page or looked at it again, by this device's clock. */
  readonly lookedAt: number;
}

/** The session's frames, the only poll of the page. After a change the session is fetched, too. */
export function imagesQuery(client: Client, queries: QueryClient, id: SessionId, seen: Seen, serverNow: () => number) {
  const queryKey = ['images', id] as const;
  return queryOptions({
    queryKey,
    queryFn: async ({ signal }) => {
      const known = queries.getQueryData<ImagesSnapshot>(queryKey);
      const images = await fetchImages(client, id, known, signal);
      if (known && images !== known) void queries.invalidateQueries({ queryKey: ['session', id] });
      return images;
    },
    refetchInterval: ({ state }) => {
      const delay = imagesDelay(state.data, state.dataUpdatedAt, seen, { server: serverNow(), device: Date.now() });
      return delay === false ? false : pollDelay(state, delay);
    },
  });
}

/**
 * Milliseconds until the next poll of the frames; false if no more can arrive. After the session has ended the frames are
 * fetched once more, because the last frame may have been measured after the previous poll.
 */
export function imagesDelay(
  images: ImagesSnapshot | undefined,
  imagesAt: number,
  { session, sessionAt, lookedAt }: Seen,
  now: { readonly server: number; readonly device: number },
): number | false {
  if (!images || !session) return interval;
  const { state } = livenessOf(session, images.items, now.server);
  if (state === 'over') return imagesAt < sessionAt ? interval : false;
  return state === 'stalled' && now.device - lookedAt > attentionMs ? stalledInterval : interval;
}
