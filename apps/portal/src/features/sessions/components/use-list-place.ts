import { useEffect, useLayoutEffect } from 'react';
import { useLocation, useNavigationType } from 'react-router';
import { isReturn, noteListSearch } from '../../../ui/list-address.ts';

/** How far down each visit to the list was scrolled, by the key of its entry in the browser's history. */
const places = new Map<string, number>();
/** The same of the latest visit, for links that lead back to it. */
let latest = { search: '', place: 0 };

/**
 * Going back to the list leads to where it was left. The browser remembers the place too, but looks for it before the
 * list is drawn again.
 * @param drawn whether there is something to scroll yet
 */
export function useListPlace(drawn: boolean): void {
  const { key, search, state } = useLocation();
  const how = useNavigationType();
  // biome-ignore lint/correctness/useExhaustiveDependencies: once for an entry, as soon as there is something to scroll
  useLayoutEffect(() => {
    const left = latest.search === search && isReturn(state) ? latest.place : undefined;
    const place = how === 'POP' ? places.get(key) : left;
    if (!drawn || place === undefined) return;
    const restore = () => window.scrollTo({ top: place, behavior: 'instant' });
    restore();
    const frame = requestAnimationFrame(restore);
    return () => cancelAnimationFrame(frame);
  }, [drawn, key]);
  useEffect(() => {
    noteListSearch(search);
    const note = () => {
      places.set(key, window.scrollY);
      latest = { search, place: window.scrollY };
    };
    window.addEventListener('scroll', note, { passive: true });
    return () => window.removeEventListener('scroll', note);
  }, [key, search]);
}
