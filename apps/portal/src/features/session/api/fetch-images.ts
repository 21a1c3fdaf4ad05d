import type { Client } from '@spinbay/client';
import type { Image, SessionId } from '@spinbay/contracts';

interface Page {
  readonly items: readonly Image[];
  readonly total: number;
  readonly etag: string | null;
}

/** All frames of a session as last heard of, kept page by page with the tags that a next request can refer to. */
export interface ImagesSnapshot {
  readonly pages: readonly Page[];
  readonly items: readonly Image[];
  /** Frames that the session has; more than `items` holds where the session is larger than what is fetched. */
  readonly total: number;
}

/** The largest page that the API gives; a session of 24 is one request. */
const pageSize = 200;
/** A page of the gallery with more than this many frames serves nobody. */
const mostPages = 10;

/**
 * Fetches the frames of a session. Each page is asked for with the tag of the one that is known: what has not changed
 * costs an empty reply, and the same objects are handed on, so that nothing is drawn again.
 * @throws ApiError, ConnectionError
 */
export async function fetchImages(
  client: Pick<Client, 'listImages'>,
  sessionId: SessionId,
  known: ImagesSnapshot | undefined,
  signal: AbortSignal,
): Promise<ImagesSnapshot> {
  const pages: Page[] = [];
  for (let k = 0; k < mostPages; k++) {
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
  const reply = await client.listImages({ query: { ...where, limit: pageSize } }, { signal, headers });
  if (reply.body === null) {
    if (known) return known;
    throw new Error('GET /images answered "not modified" to a question without a tag.');
  }
  return { ...reply.body, etag: reply.headers.etag ?? null };
}
