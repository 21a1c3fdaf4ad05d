import { useCallback } from 'react';
import { useSearchParams } from 'react-router';

export type View = 'gallery' | '360';

/** The current view and frame. They are in the address, so that links, reloads and sign-ins return to them. */
export interface Place {
  readonly view: View;
  /** The frame that is open large or current in the 360 view, such as `angle_15`. */
  readonly frame: string | null;
  readonly go: (to: { view?: View; frame?: string | null }, how: { replace: boolean }) => void;
}

export function usePlace(): Place {
  const [query, setQuery] = useSearchParams();
  const go = useCallback<Place['go']>(
    (to, { replace }) =>
      setQuery(
        () => {
          // The router's value is from the last render, and two changes may happen before the next one.
          const next = new URLSearchParams(window.location.search);
          if (to.view === '360') next.set('view', '360');
          else if (to.view === 'gallery') next.delete('view');
          if (to.frame) next.set('frame', to.frame);
          else if (to.frame === null) next.delete('frame');
          return next;
        },
        { replace, preventScrollReset: true },
      ),
    [setQuery],
  );
  return { view: viewOf(query), frame: query.get('frame'), go };
}

/** Reads the current address, not the one from the last render. */
export function viewNow(): View {
  return viewOf(new URLSearchParams(window.location.search));
}

function viewOf(query: URLSearchParams): View {
  return query.get('view') === '360' ? '360' : 'gallery';
}
