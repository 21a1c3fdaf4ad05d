import { useDebouncedValue } from '@mantine/hooks';
import { useInfiniteQuery, useQuery, useQueryClient } from '@tanstack/react-query';
import { useCallback, useMemo, useState } from 'react';
import { useApi } from '../../../api/api-context.tsx';
import type { ListSearch } from '../list-search.ts';
import { mergeLines } from '../session-lines.ts';
import { headQuery, olderQuery, pageInViewQuery } from './queries.ts';

/** One long list: the polled head, and older lines as far as the person has scrolled. */
export function useSessionList(search: ListSearch) {
  const { client } = useApi();
  const queries = useQueryClient();
  const head = useQuery(headQuery(client, queries, search));
  const older = useInfiniteQuery(olderQuery(client, queries, search));
  const pages = older.data?.pages;
  const lines = useMemo(() => (head.data ? mergeLines(head.data, pages ?? []) : []), [head.data, pages]);

  const [lookedAt, setLookedAt] = useState<string | null>(null);
  // Fast scrolling over many lines should not refresh all of them.
  const [resting] = useDebouncedValue(lookedAt, 500);
  const view = (resting !== null && pages?.find(({ items }) => items.some(({ id }) => id === resting))) || null;
  const inView = useQuery(pageInViewQuery(client, queries, search, view));

  const more = !head.isPlaceholderData && (older.data ? older.hasNextPage : (head.data?.next ?? null) !== null);
  const { fetchNextPage, isFetching, isError } = older;
  const loadMore = useCallback(() => void fetchNextPage({ cancelRefetch: false }), [fetchNextPage]);
  return {
    head,
    lines,
    /** Whether there are more lines to load. */
    more,
    loadMore,
    moreState: isFetching ? 'loading' : isError ? 'failed' : 'idle',
    /** Call with the id of the line in the middle of the window. */
    lookAt: setLookedAt,
    refresh: () => Promise.all([head.refetch(), ...(view ? [inView.refetch()] : [])]),
  } as const;
}
