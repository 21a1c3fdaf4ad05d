import type { PromiseReport } from '@spinbay/contracts';

type Day = PromiseReport['days'][number];

/** One day of the chart; `figures` is null for a day without completed sessions. */
export interface ChartDay {
  /** YYYY-MM-DD */
  readonly day: string;
  readonly figures: Day | null;
}

/**
 * Every day of the period, oldest first. Days without sessions are gaps.
 * @param today YYYY-MM-DD
 */
export function chartDays(report: PromiseReport, siteId: string | null, days: number, today: string): ChartDay[] {
  const of = new Map(report.days.filter((day) => day.site_id === siteId).map((day) => [day.day, day]));
  const last = Date.parse(`${today}T00:00:00Z`);
  return Array.from({ length: days }, (_, k) => {
    const day = new Date(last - (days - 1 - k) * 86_400_000).toISOString().slice(0, 10);
    return { day, figures: of.get(day) ?? null };
  });
}

/**
 * The upper end of the scale in seconds: somewhat above the promise and the figures, but at most five times the promise, so
 * that one bad day does not flatten the others.
 */
export function chartTop(days: readonly ChartDay[], promised: number): number {
  const longest = Math.max(0, ...days.map(({ figures }) => figures?.p95_s ?? 0));
  // Half of the scale has a label, too. With multiples of 20 s both labels are whole numbers.
  return Math.min(Math.ceil(Math.max(longest * 1.1, promised * 1.25) / 20) * 20, promised * 5);
}

/** The longest of the three phases. */
export function slowestPhase(phases: Day['median_phases']): keyof Day['median_phases'] {
  const { upload, queue, work } = phases;
  if (upload >= queue && upload >= work) return 'upload';
  return queue >= work ? 'queue' : 'work';
}

/** `6.4 s`, `42 s`, `1 min 40 s`, `2 h 5 min`. */
export function formatSeconds(seconds: number): string {
  if (seconds < 10) return `${seconds.toFixed(1)} s`;
  const whole = Math.round(seconds);
  if (whole < 60) return `${whole} s`;
  if (whole < 3600) return `${Math.floor(whole / 60)} min ${whole % 60} s`;
  return `${Math.floor(whole / 3600)} h ${Math.floor((whole % 3600) / 60)} min`;
}
