import { useCallback } from 'react';
import { useSearchParams } from 'react-router';

export type View = 'gallery' | '360';

/** Where somebody is in a session; it stands in the address, so that a link, a reload or a sign-in leads back there. */
export interface Place {
  readonly view: View;
  /** The frame that is open large, or that the 360 view looks at, such as `angle_15`. */
  readonly frame: string | null;
  readonly go: (to: { view?: View; frame?: string | null }, how: { replace: boolean }) => void;
}

export function usePlace(): Place {
  const [query, setQuery] = useSearchParams();
  const go = useCallback<Place['go']>(
    (to, { replace }) =>
      setQuery(
        () => {
          // What the router hands over is of the last drawing, and two changes may come before the next one.
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

/** By the address as it is now, not as it was drawn last. */
export function viewNow(): View {
  return viewOf(new URLSearchParams(window.location.search));
}

function viewOf(query: URLSearchParams): View {
  return query.get('view') === '360' ? '360' : 'gallery';
}
