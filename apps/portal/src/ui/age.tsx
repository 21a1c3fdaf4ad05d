import { useSyncExternalStore } from 'react';
import { useApi } from '../api/api-context.tsx';
import { ageWords } from './age-words.ts';
import { formatDateTime } from './format.ts';

const listeners = new Set<() => void>();
let ticking: ReturnType<typeof setInterval> | undefined;

function tick(): void {
  if (document.visibilityState === 'visible') for (const listener of listeners) listener();
}

/** One timer per second for all ages on the page. In a hidden tab it renders nothing. */
function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  if (ticking === undefined) {
    ticking = setInterval(tick, 1000);
    document.addEventListener('visibilitychange', tick);
  }
  return () => {
    listeners.delete(listener);
    if (listeners.size > 0) return;
    clearInterval(ticking);
    ticking = undefined;
    document.removeEventListener('visibilitychange', tick);
  };
}

/** `12 s ago`, rendered again only when the text changes. */
export function Age({ at }: { at: string }) {
  const { clock } = useApi();
  const words = useSyncExternalStore(subscribe, () => ageWords(clock.now() - Date.parse(at)));
  return (
    <time dateTime={at} title={formatDateTime(at)}>
      {words}
    </time>
  );
}
