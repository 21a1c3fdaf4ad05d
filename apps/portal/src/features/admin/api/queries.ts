import type { Client } from '@spinbay/client';
import type { DeviceId, EnrolmentCodeId, EventId, SavedShotList, SiteId, UserId } from '@spinbay/contracts';
import { type InfiniteData, infiniteQueryOptions, type QueryClient, queryOptions } from '@tanstack/react-query';
import { pollDelay } from '../../../api/poll-delay.ts';

/** Lines per page. Most dealers have all their people and devices on the first page. */
const pageSize = 200;
const auditPageSize = 50;

type Body<N extends 'getOrganization' | 'listUsers' | 'listDevices' | 'listEnrolmentCodes' | 'listEvents'> = Awaited<
  ReturnType<Client[N]>
>['body'];
export type Organization = Body<'getOrganization'>;
export type Person = Body<'listUsers'>['items'][number];
export type Device = Body<'listDevices'>['items'][number];
export type Code = Body<'listEnrolmentCodes'>['items'][number];
export type AuditEvent = Body<'listEvents'>['items'][number];

export interface LinePage<Line> {
  readonly items: readonly Line[];
  readonly total: number;
}

/** The organization with all its sites, including those whose sessions the administrator may not see. */
export function organizationQuery(client: Client) {
  return queryOptions({
    queryKey: ['admin', 'organization'],
    queryFn: async ({ signal }) => (await client.getOrganization({}, { signal })).body,
  });
}

/** The saved shot lists, by name. */
export function shotListsQuery(client: Client) {
  return queryOptions({
    queryKey: ['admin', 'shot-lists'],
    queryFn: async ({ signal }): Promise<readonly SavedShotList[]> =>
      (await client.listShotLists({}, { signal })).body.items,
  });
}

type Lines = 'people' | 'devices' | 'codes';

function linesQuery<Line>(
  name: Lines,
  read: (query: { limit: number; offset: number }, signal: AbortSignal) => Promise<LinePage<Line>>,
) {
  return infiniteQueryOptions({
    queryKey: ['admin', name],
    queryFn: ({ signal, pageParam }) => read({ limit: pageSize, offset: pageParam }, signal),
    initialPageParam: 0,
    getNextPageParam: (last: LinePage<Line>, pages: readonly LinePage<Line>[]) => {
      const read = pages.reduce((sum, { items }) => sum + items.length, 0);
      return last.items.length > 0 && read < last.total ? read : null;
    },
  });
}

export function peopleQuery(client: Client) {
  return linesQuery<Person>('people', async (query, signal) => (await client.listUsers({ query }, { signal })).body);
}

export function devicesQuery(client: Client) {
  return linesQuery<Device>('devices', async (query, signal) => (await client.listDevices({ query }, { signal })).body);
}

export function codesQuery(client: Client) {
  return linesQuery<Code>(
    'codes',
    async (query, signal) => (await client.listEnrolmentCodes({ query }, { signal })).body,
  );
}

export function auditQuery(client: Client, type: string | null) {
  return infiniteQueryOptions({
    queryKey: ['admin', 'audit', type],
    queryFn: async ({ signal, pageParam }) => {
      const query = { type: type ?? undefined, cursor: pageParam ?? undefined, limit: auditPageSize };
      return (await client.listEvents({ query }, { signal })).body;
    },
    initialPageParam: null as EventId | null,
    getNextPageParam: (last) => last.next,
  });
}

/** The newest measured frames, loaded again each time the page is opened. */
export function qcFramesQuery(client: Client) {
  return queryOptions({
    queryKey: ['admin', 'qc-frames'],
    queryFn: async ({ signal }) => (await client.listQcFrames({}, { signal })).body.items,
    // The frames must not change while somebody moves the slider.
    staleTime: Number.POSITIVE_INFINITY,
    gcTime: 0,
  });
}

const rejudgementPollMs = 2_000;

export function rejudgementQuery(client: Client) {
  return queryOptions({
    queryKey: ['admin', 'rejudgement'],
    queryFn: async ({ signal }) => (await client.getRejudgement({}, { signal })).body.rejudgement,
    refetchInterval: ({ state }) => (state.data?.finished_at === null ? pollDelay(state, rejudgementPollMs) : false),
  });
}

/** Replaces a line with the server's reply, so that a change is visible without another request. */
export function replaceLine<Line extends { readonly id: UserId | DeviceId | EnrolmentCodeId }>(
  queries: QueryClient,
  name: Lines,
  line: Line,
): void {
  queries.setQueryData<InfiniteData<LinePage<Line>>>(['admin', name], (data) =>
    data === undefined
      ? undefined
      : {
          ...data,
          pages: data.pages.map((page) => ({
            ...page,
            items: page.items.map((old) => (old.id === line.id ? line : old)),
          })),
        },
  );
  invalidateAudit(queries);
}

/** Call this after every change, because the audit log has an entry for it. */
export function invalidateAudit(queries: QueryClient): void {
  void queries.invalidateQueries({ queryKey: ['admin', 'audit'] });
}

/** Call this after a change of sites, so that every page that names them loads again. */
export function invalidateSites(queries: QueryClient): Promise<unknown> {
  invalidateAudit(queries);
  void queries.invalidateQueries({ queryKey: ['sites'] });
  return queries.invalidateQueries({ queryKey: ['admin', 'organization'] });
}

/** Call this after a change of shot lists. */
export function invalidateShotLists(queries: QueryClient): Promise<unknown> {
  invalidateAudit(queries);
  return queries.invalidateQueries({ queryKey: ['admin', 'shot-lists'] });
}

export function siteNames(organization: Organization | undefined): ReadonlyMap<SiteId, string> {
  return new Map(organization?.sites.map(({ id, name }) => [id, name]));
}
