import { adminTexts } from '../../ui/admin-texts.ts';
import { locale } from '../../ui/texts.ts';

const relative = new Intl.RelativeTimeFormat(locale, { numeric: 'auto' });
const steps = [
  { unit: 'day', seconds: 86_400 },
  { unit: 'hour', seconds: 3600 },
  { unit: 'minute', seconds: 60 },
] as const;

/** `3 hours ago`, `in 2 days`, `just now`; both in epoch milliseconds. */
export function relativeTime(time: number, now: number): string {
  const seconds = (time - now) / 1000;
  const step = steps.find((candidate) => Math.abs(seconds) >= candidate.seconds);
  if (step) return relative.format(Math.round(seconds / step.seconds), step.unit);
  return seconds > 0 ? adminTexts.soon : adminTexts.justNow;
}

/** What is left of a span, in its two largest steps: `1 d 4 h`, `3 h 12 min`, `4 min 9 s`, `9 s`. @param ms 0 or more */
export function spanLeft(ms: number): string {
  const seconds = Math.ceil(ms / 1000);
  const [d, h, min, s] = [
    Math.floor(seconds / 86_400),
    Math.floor(seconds / 3600) % 24,
    Math.floor(seconds / 60) % 60,
    seconds % 60,
  ];
  if (d > 0) return `${d} d ${h} h`;
  if (h > 0) return `${h} h ${min} min`;
  return min > 0 ? `${min} min ${s} s` : `${s} s`;
}
