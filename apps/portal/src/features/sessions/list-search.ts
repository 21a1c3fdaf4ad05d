import { SessionStatus, SiteId } from '@spinbay/contracts';

/** Sessions on one page of the list. */
export const pageSize = 50;

const lastPage = Math.floor(1_000_000 / pageSize);

/** What the list's address says: which sessions, and which page of them (from 1). */
export interface ListSearch {
  readonly siteId: SiteId | null;
  readonly status: SessionStatus | null;
  readonly page: number;
}

/** Reads the address; what does not make sense there counts as not said. */
export function parseListSearch(query: URLSearchParams): ListSearch {
  const site = SiteId.safeParse(query.get('site'));
  const status = SessionStatus.safeParse(query.get('status'));
  const page = Number(query.get('page') ?? 1);
  return {
    siteId: site.success ? site.data : null,
    status: status.success ? status.data : null,
    page: Number.isInteger(page) && page >= 1 && page <= lastPage ? page : 1,
  };
}

export function formatListSearch({ siteId, status, page }: ListSearch): URLSearchParams {
  const query = new URLSearchParams();
  if (siteId !== null) query.set('site', siteId);
  if (status !== null) query.set('status', status);
  if (page > 1) query.set('page', String(page));
  return query;
}
