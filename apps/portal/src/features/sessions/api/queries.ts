import type { Client } from '@spinbay/client';
import { keepPreviousData, queryOptions } from '@tanstack/react-query';
import { pollDelay } from '../../../api/poll-delay.ts';
import { type ListSearch, pageSize } from '../list-search.ts';

/** One page of the list, fetched again every 10 s while somebody looks. */
export function sessionsQuery(client: Client, { siteId, status, page }: ListSearch) {
  return queryOptions({
    queryKey: ['sessions', { siteId, status, page }],
    queryFn: async ({ signal }) => {
      const query = { site_id: siteId ?? undefined, status: status ?? undefined };
      const { body } = await client.listSessions(
        { query: { ...query, limit: pageSize, offset: (page - 1) * pageSize } },
        { signal },
      );
      // Only a search comes without a total.
      return { items: body.items, total: body.total ?? body.items.length };
    },
    placeholderData: keepPreviousData,
    refetchInterval: ({ state }) => pollDelay(state, 10_000),
  });
}
