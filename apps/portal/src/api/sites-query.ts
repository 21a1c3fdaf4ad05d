import type { Client } from '@spinbay/client';
import { queryOptions } from '@tanstack/react-query';

/** The sites that the person may see, by name. */
export function sitesQuery(client: Client) {
  return queryOptions({
    queryKey: ['sites'],
    queryFn: async ({ signal }) => (await client.listSites({}, { signal })).body.items,
    staleTime: 5 * 60_000,
  });
}
