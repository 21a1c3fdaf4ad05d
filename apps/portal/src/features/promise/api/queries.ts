import type { Client } from '@spinbay/client';
import type { SiteId } from '@spinbay/contracts';
import { keepPreviousData, queryOptions } from '@tanstack/react-query';

export interface PromiseSearch {
  readonly siteId: SiteId | null;
  readonly days: number;
}

/** The report on the promise for the last `days` days of this browser's time zone. */
export function promiseQuery(client: Client, { siteId, days }: PromiseSearch) {
  return queryOptions({
    queryKey: ['promise', { siteId, days }],
    queryFn: async ({ signal }) => {
      const query = { site_id: siteId ?? undefined, days, tz: Intl.DateTimeFormat().resolvedOptions().timeZone };
      return (await client.getPromise({ query }, { signal })).body;
    },
    placeholderData: keepPreviousData,
    staleTime: 60_000,
  });
}
