import { promisedSeconds, type Routes } from '@spinbay/contracts';
import { readPromise } from '@spinbay/core';
import type { Handler } from '../../bind/handler.ts';

export const getPromise: Handler<Routes['getPromise']> = async ({ query, org }) => {
  const timeZone = query.tz ?? zoneOfOffset(query.utc_offset_min ?? 0);
  const wanted = { days: query.days, siteId: query.site_id, timeZone };
  const { perDay, slow } = await org.read((tx) => readPromise(tx, wanted));
  return {
    status: 200,
    body: {
      promised_s: promisedSeconds,
      days: perDay.map(({ upload_s, queue_s, work_s, ...day }) => ({
        ...day,
        median_phases: { upload: upload_s, queue: queue_s, work: work_s },
      })),
      slowest: slow.map(({ id, seen_at, upload_s, queue_s, work_s, ...session }) => ({
        ...session,
        session_id: id,
        seen_at: seen_at.toISOString(),
        phases: { upload: upload_s, queue: queue_s, work: work_s },
      })),
    },
  };
};

/** A time zone for PostgreSQL, which reads offsets like POSIX: positive is west of Greenwich. */
function zoneOfOffset(minutes: number): string {
  const [hours, rest] = [Math.floor(Math.abs(minutes) / 60), Math.abs(minutes) % 60];
  return `UTC${minutes > 0 ? '-' : '+'}${hours}:${String(rest).padStart(2, '0')}`;
}
