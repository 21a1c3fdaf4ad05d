import type { Client } from '@spinbay/client';
import type { Image, SessionId } from '@spinbay/contracts';

interface Page {
  readonly items: readonly Image[];
  readonly total: number;
  readonly etag: string | null;
}

/** The last fetched frames of a session, including superseded ones. The pages have the ETags for the next request. */
export interface ImagesSnapshot {
  readonly pages: readonly Page[];
  readonly items: readonly Image[];
  /** The number of frames of the session, which may be more than the fetched `items`. */
  readonly total: number;
}

/** The largest page of the API. A session of 24 frames needs one request. */
const pageSize = 200;
/** A gallery with more pages of frames than this would not be usable. */
const maxPages = 10;

/**
 * Fetches the frames of a session, also those that are not the current frame of their slot: the page shows them as other
 * takes, and a link may name one. Each page is requested with its known ETag. An unchanged page costs an empty reply, and
 * the same objects are returned, so that nothing is rendered again.
 * @throws ApiError, ConnectionError
 */
export async function fetchImages(
  client: Pick<Client, 'listImages'>,
  sessionId: SessionId,
  known: ImagesSnapshot | undefined,
  signal: AbortSignal,
): Promise<ImagesSnapshot> {
  const pages: Page[] = [];
  for (let k = 0; k < maxPages; k++) {
    const page = await fetchPage(client, { session_id: sessionId, offset: k * pageSize }, known?.pages[k], signal);
    pages.push(page);
    if (page.items.length < pageSize || (k + 1) * pageSize >= page.total) break;
  }
  if (known && pages.length === known.pages.length && pages.every((page, k) => page === known.pages[k])) return known;
  return { pages, items: pages.flatMap((page) => page.items), total: pages.at(-1)?.total ?? 0 };
}

async function fetchPage(
  client: Pick<Client, 'listImages'>,
  where: { session_id: SessionId; offset: number },
  known: Page | undefined,
  signal: AbortSignal,
): Promise<Page> {
  const headers: Record<string, string> = known?.etag ? { 'if-none-match': known.etag } : {};
  const reply = await client.listImages(
    { query: { ...where, limit: pageSize, superseded: 'true' } },
    { signal, headers },
  );
  if (reply.body === null) {
    if (known) return known;
    throw new Error('GET /images answered "not modified" to a request without an ETag.');
  }
  return { ...reply.body, etag: reply.headers.etag ?? null };
}
