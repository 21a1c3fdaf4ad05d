import { routes, SessionMode, SessionStatus, SiteId } from '@spinbay/contracts';

/** The filters in the address of the list. */
export interface ListSearch {
  readonly siteId: SiteId | null;
  readonly status: SessionStatus | null;
  readonly mode: SessionMode | null;
  /** The start of a stock number, or the start or end of a VIN, in the API's form. */
  readonly q: string | null;
}

export const everything: ListSearch = { siteId: null, status: null, mode: null, q: null };

const SearchText = routes.listSessions.query.shape.q;

/** The typed search in the API's form; null if it is too short or invalid. */
export function searchTextOf(typed: string): string | null {
  const parsed = SearchText.safeParse(typed.trim());
  return parsed.success && parsed.data !== undefined ? parsed.data : null;
}

/** Reads the address. Invalid values are ignored. */
export function parseListSearch(query: URLSearchParams): ListSearch {
  const site = SiteId.safeParse(query.get('site'));
  const status = SessionStatus.safeParse(query.get('status'));
  const mode = SessionMode.safeParse(query.get('mode'));
  return {
    siteId: site.success ? site.data : null,
    status: status.success ? status.data : null,
    mode: mode.success ? mode.data : null,
    q: searchTextOf(query.get('q') ?? ''),
  };
}

export function formatListSearch({ siteId, status, mode, q }: ListSearch): URLSearchParams {
  const query = new URLSearchParams();
  if (siteId !== null) query.set('site', siteId);
  if (status !== null) query.set('status', status);
  if (mode !== null) query.set('mode', mode);
  if (q !== null) query.set('q', q);
  return query;
}
