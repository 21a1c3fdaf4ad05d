import type { Client } from '@spinbay/client';
import type { Session, SessionId } from '@spinbay/contracts';
import { type QueryClient, queryOptions } from '@tanstack/react-query';
import { pollDelay } from '../../../api/poll-delay.ts';
import { fetchImages, type ImagesSnapshot } from './fetch-images.ts';

const interval = 3000;

/** The session, fetched again every 3 s while it is active. Polls pause by themselves in a hidden tab. */
export function sessionQuery(client: Client, id: SessionId) {
  return queryOptions({
    queryKey: ['session', id],
    queryFn: async ({ signal }) => (await client.getSession({ params: { session_id: id } }, { signal })).body,
    refetchInterval: ({ state }) => (state.data && state.data.status !== 'active' ? false : pollDelay(state, interval)),
  });
}

/** What is known of a session when it is decided whether to go on polling its frames. */
export interface SessionSeen {
  readonly session: Session | undefined;
  /** Epoch milliseconds of when it was fetched. */
  readonly seenAt: number;
}

/** The session's frames, fetched again every 3 s while more can come. */
export function imagesQuery(client: Client, queries: QueryClient, id: SessionId, seen: SessionSeen) {
  const queryKey = ['images', id] as const;
  return queryOptions({
    queryKey,
    queryFn: ({ signal }) => fetchImages(client, id, queries.getQueryData<ImagesSnapshot>(queryKey), signal),
    refetchInterval: ({ state }) =>
      moreCanCome(state.data, state.dataUpdatedAt, seen) ? pollDelay(state, interval) : false,
  });
}

/**
 * True while the session is active, a frame is on its way, or the frames were fetched before the session was seen to
 * have ended: the last one may have been measured in between.
 */
export function moreCanCome(images: ImagesSnapshot | undefined, imagesAt: number, seen: SessionSeen): boolean {
  if (!images || !seen.session || seen.session.status === 'active') return true;
  return imagesAt < seen.seenAt || images.items.some((image) => image.status === 'pending');
}
