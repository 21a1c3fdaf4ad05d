import { useInfiniteQuery, useQuery } from '@tanstack/react-query';
import { useApi } from '../../../api/api-context.tsx';
import { codesQuery, devicesQuery, organizationQuery, peopleQuery, siteNames } from '../api/queries.ts';
import { type Directory, directory } from '../audit-words.ts';

/** Names for ids, from the lists of the other tabs as far as they are loaded. */
export function useDirectory(): Directory {
  const { client } = useApi();
  const people = useInfiniteQuery(peopleQuery(client));
  const devices = useInfiniteQuery(devicesQuery(client));
  const codes = useInfiniteQuery(codesQuery(client));
  const organization = useQuery(organizationQuery(client));
  return directory(
    people.data?.pages.flatMap(({ items }) => items) ?? [],
    devices.data?.pages.flatMap(({ items }) => items) ?? [],
    siteNames(organization.data),
    codes.data?.pages.flatMap(({ items }) => items) ?? [],
  );
}
