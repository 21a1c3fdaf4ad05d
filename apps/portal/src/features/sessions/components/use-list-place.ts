import { useEffect, useLayoutEffect } from 'react';
import { useLocation, useNavigationType } from 'react-router';
import { isReturn, rememberListSearch } from '../../../ui/list-address.ts';

/** The scroll positions of the list, by the key of their history entry. */
const places = new Map<string, number>();
/** The scroll position of the latest visit, for links back to it. */
let latest = { search: '', place: 0 };

/**
 * Restores the scroll position when somebody returns to the list. The browser also does this, but too early, before the list
 * is rendered.
 * @param drawn whether the list is rendered
 */
export function useListPlace(drawn: boolean): void {
  const { key, search, state } = useLocation();
  const how = useNavigationType();
  // biome-ignore lint/correctness/useExhaustiveDependencies: runs once per history entry, as soon as the list is rendered
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
    rememberListSearch(search);
    const note = () => {
      places.set(key, window.scrollY);
      latest = { search, place: window.scrollY };
    };
    window.addEventListener('scroll', note, { passive: true });
    return () => window.removeEventListener('scroll', note);
  }, [key, search]);
}
