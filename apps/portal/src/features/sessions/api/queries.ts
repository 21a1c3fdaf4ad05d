import type { Client } from '@spinbay/client';
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
  isTornOff,
  type ListHead,
  type ListPage,
  nextHead,
  nextPage,
  type SessionLine,
  sortOut,
} from '../session-lines.ts';

const pollEvery = 10_000;
const headSize = 50;
const pageSize = 100;
/** Who comes back from a session within this time finds the list as it was left. */
const keptFor = 30 * 60_000;
/** Sessions that moved out of the head are read one by one, so many at most at a time. */
const mostMoved = 5;

interface OlderPage extends ListPage {
  /** Where it begins. */
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
  // The cursor is handed back as it came; what the contract makes of it is the server's affair.
  const query = { ...filter, q: q ?? undefined, limit, cursor };
  const { body } = await client.listSessions({ query }, { signal });
  return { items: body.items.map(withoutShotList), total: body.total ?? null, next: body.next_cursor };
}

function withoutShotList({ shot_list: _, ...line }: SessionLine & { shot_list: unknown }): SessionLine {
  return line;
}

/** The start of the list, fetched again every 10 s while somebody looks. */
export function headQuery(client: Client, queries: QueryClient, search: ListSearch) {
  return queryOptions({
    queryKey: headKey(search),
    queryFn: async ({ signal }): Promise<ListHead> => {
      const reply = await readPage(client, search, headSize, undefined, signal);
      const before = queries.getQueryData<ListHead>(headKey(search));
      const older = queries.getQueryState<InfiniteData<OlderPage>>(olderKey(search));
      // Before older lines are asked for there is nothing that a head has to stay in touch with.
      if (!before || !older || (!older.data && older.fetchStatus === 'idle')) return { ...reply, tail: [] };
      const pages = older.data?.pages ?? [];
      const known = [...before.items, ...before.tail, ...pages.flatMap(({ items }) => items)];
      if (isTornOff(reply, new Set(known.map(({ id }) => id)))) {
        queries.removeQueries({ queryKey: olderKey(search) });
        return { ...reply, tail: [] };
      }
      return nextHead(before, reply, await readMoved(client, search, sortOut(before.items, reply).left, signal));
    },
    placeholderData: keepPreviousData,
    refetchInterval: ({ state }) => pollDelay(state, pollEvery),
    gcTime: keptFor,
  });
}

/** The sessions that left the head, as they are now: finished ones stand below, at the time of their start. */
async function readMoved(client: Client, search: ListSearch, left: readonly SessionLine[], signal: AbortSignal) {
  const read = left.slice(0, mostMoved).map(async ({ id }) => {
    const { body } = await client.getSession({ params: { session_id: id } }, { signal });
    return withoutShotList(body);
  });
  // One that cannot be read any more is simply no longer there.
  const results = await Promise.allSettled(read);
  return results
    .flatMap((result) => (result.status === 'fulfilled' ? [result.value] : []))
    .filter((line) => fits(line, search.status));
}

/** The lines behind the head, page by page as somebody scrolls: none is ever fetched again along with the others. */
export function olderQuery(client: Client, queries: QueryClient, search: ListSearch) {
  return infiniteQueryOptions({
    queryKey: olderKey(search),
    queryFn: async ({ pageParam, signal }: { pageParam: string | null; signal: AbortSignal }): Promise<OlderPage> => {
      // The first page begins where the head ends by the time that older lines are asked for.
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

/** The page of older lines that somebody looks at, read again like the head. */
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
