import { searchTextOf } from './list-search.ts';

/** The text of the search field. A search takes effect some time after the field has sent it. */
export interface TypedSearch {
  readonly typed: string;
  /** The searches that the field has sent and that are not in effect yet, oldest first. */
  readonly sent: readonly (string | null)[];
}

/** The search that the field has to send; undefined if it has sent it already. @param q the search in effect */
export function searchToSend({ typed, sent }: TypedSearch, q: string | null): string | null | undefined {
  const wanted = searchTextOf(typed);
  return wanted === (sent.length === 0 ? q : sent.at(-1)) ? undefined : wanted;
}

/** The field after `q` took effect. A search that comes from elsewhere, such as the back button, replaces the text. */
export function searchInEffect(search: TypedSearch, q: string | null): TypedSearch {
  const own = search.sent.lastIndexOf(q);
  if (own >= 0) return { ...search, sent: search.sent.slice(own + 1) };
  return { typed: searchTextOf(search.typed) === q ? search.typed : (q ?? ''), sent: [] };
}
