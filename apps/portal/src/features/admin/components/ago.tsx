import { useEffect, useState } from 'react';
import { useApi } from '../../../api/api-context.tsx';
import { formatDateTime } from '../../../ui/format.ts';
import { relativeTime } from '../relative-time.ts';

/** The time of this device in epoch milliseconds, updated every `every` milliseconds. */
export function useNow(every: number): number {
  const [now, setNow] = useState(Date.now);
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), every);
    return () => clearInterval(timer);
  }, [every]);
  return now;
}

/** `3 h ago`, with the exact time as its title. */
export function Ago({ at }: { at: string }) {
  const { clock } = useApi();
  useNow(30_000);
  return (
    <time dateTime={at} title={formatDateTime(at)}>
      {relativeTime(Date.parse(at), clock.now())}
    </time>
  );
}
