import { routes, SessionMode, SessionStatus, SiteId } from '@spinbay/contracts';

/** What the list's address says: which sessions. */
export interface ListSearch {
  readonly siteId: SiteId | null;
  readonly status: SessionStatus | null;
  readonly mode: SessionMode | null;
  /** The start of a stock number, or start or end of a VIN, as the API takes it. */
  readonly q: string | null;
}

export const everything: ListSearch = { siteId: null, status: null, mode: null, q: null };

const SearchText = routes.listSessions.query.shape.q;

/** What somebody types, as the API takes it; null while that is too little, or nothing that it would take. */
export function searchTextOf(typed: string): string | null {
  const parsed = SearchText.safeParse(typed.trim());
  return parsed.success && parsed.data !== undefined ? parsed.data : null;
}

/** Reads the address; what does not make sense there counts as not said. */
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
