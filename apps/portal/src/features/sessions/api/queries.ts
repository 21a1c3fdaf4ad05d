import { ApiError, type Client } from '@spinbay/client';
import {
  type InfiniteData,
  infiniteQueryOptions,
  keepPreviousData,
  type QueryClient,
  queryOptions,
} from '@tanstack/react-query';
import { pollDelay } from '../../../api/poll-delay.ts';
import type { ListSearch } from '../list-search.ts';
import {
  fits,
  type ListHead,
  type ListPage,
  mayHaveGap,
  missingLines,
  nextHead,
  nextPage,
  type SessionLine,
} from '../session-lines.ts';

const pollEvery = 10_000;
const headSize = 50;
const pageSize = 100;
/** How long the list stays in memory, for the return from a session. */
const keptFor = 30 * 60_000;
/** If more sessions than this left the head at once, the older lines are loaded again instead of reading each session. */
const maxMoved = 5;

interface OlderPage extends ListPage {
  /** The start of the page. */
  readonly cursor: string;
  /** Epoch milliseconds. */
  readonly readAt: number;
}

const headKey = (search: ListSearch) => ['sessions', 'head', search] as const;
const olderKey = (search: ListSearch) => ['sessions', 'older', search] as const;

async function readPage(
  client: Client,
  { siteId, status, mode, q }: ListSearch,
  limit: number,
  cursor: string | undefined,
  signal: AbortSignal,
): Promise<ListPage> {
  const filter = { site_id: siteId ?? undefined, status: status ?? undefined, mode: mode ?? undefined };
  // The cursor is sent back unchanged. Only the server parses it.
  const query = { ...filter, q: q ?? undefined, limit, cursor };
  const { body } = await client.listSessions({ query }, { signal });
  return { items: body.items.map(withoutShotList), total: body.total ?? null, next: body.next_cursor };
}

function withoutShotList({ shot_list: _, ...line }: SessionLine & { shot_list: unknown }): SessionLine {
  return line;
}

/** The start of the list, fetched every 10 s while the page is visible. */
export function headQuery(client: Client, queries: QueryClient, search: ListSearch) {
  return queryOptions({
    queryKey: headKey(search),
    queryFn: async ({ signal }): Promise<ListHead> => {
      const reply = await readPage(client, search, headSize, undefined, signal);
      const before = queries.getQueryData<ListHead>(headKey(search));
      const older = queries.getQueryState<InfiniteData<OlderPage>>(olderKey(search));
      // Before older lines are loaded, the head need not connect to anything.
      if (!before || !older || (!older.data && older.fetchStatus === 'idle')) return { ...reply, tail: [] };
      const pages = older.data?.pages ?? [];
      const known = [...before.items, ...before.tail, ...pages.flatMap(({ items }) => items)];
      const { moved } = missingLines(before.items, reply);
      if (mayHaveGap(reply, new Set(known.map(({ id }) => id))) || moved.length > maxMoved) {
        queries.removeQueries({ queryKey: olderKey(search) });
        return { ...reply, tail: [] };
      }
      return nextHead(before, reply, await readMoved(client, search, moved, signal));
    },
    placeholderData: keepPreviousData,
    refetchInterval: ({ state }) => pollDelay(state, pollEvery),
    gcTime: keptFor,
  });
}

/** The current state of sessions that left the head. A session that has ended moves down to the place of its start time. */
async function readMoved(client: Client, search: ListSearch, moved: readonly SessionLine[], signal: AbortSignal) {
  const read = moved.map(async ({ id }) => {
    try {
      const { body } = await client.getSession({ params: { session_id: id } }, { signal });
      return [withoutShotList(body)];
    } catch (error) {
      // It was deleted, or is no longer visible to this person. After any other error the whole head is read again, so that
      // no line is lost.
      if (error instanceof ApiError && error.code === 'session_not_found') return [];
      throw error;
    }
  });
  return (await Promise.all(read)).flat().filter((line) => fits(line, search.status));
}

/** The lines after the head, loaded page by page during scrolling. Each page is refreshed on its own. */
export function olderQuery(client: Client, queries: QueryClient, search: ListSearch) {
  return infiniteQueryOptions({
    queryKey: olderKey(search),
    queryFn: async ({ pageParam, signal }: { pageParam: string | null; signal: AbortSignal }): Promise<OlderPage> => {
      // The first page starts at the current end of the head.
      const cursor = pageParam ?? queries.getQueryData<ListHead>(headKey(search))?.next ?? '';
      return { ...(await readPage(client, search, pageSize, cursor, signal)), cursor, readAt: Date.now() };
    },
    initialPageParam: null as string | null,
    getNextPageParam: ({ next }) => next,
    enabled: false,
    staleTime: Number.POSITIVE_INFINITY,
    gcTime: keptFor,
  });
}

/** Refreshes the visible page of older lines, like the head. */
export function pageInViewQuery(
  client: Client,
  queries: QueryClient,
  search: ListSearch,
  view: Pick<OlderPage, 'cursor' | 'readAt'> | null,
) {
  return queryOptions({
    queryKey: ['sessions', 'in view', search, view?.cursor],
    queryFn: async ({ signal }): Promise<number> => {
      const reply = await readPage(client, search, pageSize, view?.cursor, signal);
      const readAt = Date.now();
      queries.setQueryData<InfiniteData<OlderPage>>(olderKey(search), (older) => {
        const again = (page: OlderPage) => ({ ...nextPage(page, reply), cursor: page.cursor, readAt });
        return (
          older && { ...older, pages: older.pages.map((page) => (page.cursor === view?.cursor ? again(page) : page)) }
        );
      });
      return readAt;
    },
    enabled: view !== null,
    initialData: view?.readAt,
    initialDataUpdatedAt: view?.readAt,
    staleTime: pollEvery,
    gcTime: 0,
    refetchInterval: ({ state }) => pollDelay(state, pollEvery),
  });
}
