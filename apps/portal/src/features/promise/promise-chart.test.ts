import { PromiseReport, SiteId } from '@spinbay/contracts';
import { expect, it } from 'vitest';
import { chartDays, chartTop, formatSeconds, slowestPhase } from './promise-chart.ts';

const site = SiteId.parse('01900000-0000-7000-8000-000000000001');
const day = (date: string, siteId: SiteId | null, p95: number) => ({
  day: date,
  site_id: siteId,
  site_name: siteId && 'North',
  sessions: 3,
  kept: 2,
  p50_s: 20,
  p95_s: p95,
  median_phases: { upload: 5, queue: 1, work: 2 },
});
const report = PromiseReport.parse({
  promised_s: 60,
  days: [day('2026-03-01', null, 80), day('2026-03-01', site, 70), day('2026-02-27', null, 30)],
  slowest: [],
});

it('has every day of the period, including days without sessions', () => {
  const days = chartDays(report, null, 4, '2026-03-01');
  expect(days.map(({ day, figures }) => [day, figures?.p95_s ?? null])).toEqual([
    ['2026-02-26', null],
    ['2026-02-27', 30],
    ['2026-02-28', null],
    ['2026-03-01', 80],
  ]);
  expect(chartDays(report, site, 1, '2026-03-01')[0]?.figures?.p95_s).toBe(70);
});

it('scales to the figures, always shows the promise, and is not flattened by one bad day', () => {
  const top = (...p95: number[]) =>
    chartTop(
      p95.map((p) => ({ day: '', figures: { ...day('', null, p) } })),
      60,
    );
  expect(top(20, 30)).toBe(80);
  expect(top(100)).toBe(120);
  expect(top(20, 40_000)).toBe(300);
  expect(chartTop([{ day: '', figures: null }], 60)).toBe(80);
});

it('names the longest phase, and formats seconds for people', () => {
  expect(slowestPhase({ upload: 5, queue: 1, work: 2 })).toBe('upload');
  expect(slowestPhase({ upload: 1, queue: 9, work: 2 })).toBe('queue');
  expect(slowestPhase({ upload: 1, queue: 2, work: 3 })).toBe('work');
  expect([6.44, 42.4, 100, 7500].map(formatSeconds)).toEqual(['6.4 s', '42 s', '1 min 40 s', '2 h 5 min']);
});
