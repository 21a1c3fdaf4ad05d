import { adminTexts } from '../../ui/admin-texts.ts';
import { ageWords } from '../../ui/age-words.ts';
import { locale, texts } from '../../ui/texts.ts';

const relative = new Intl.RelativeTimeFormat(locale, { numeric: 'auto' });
const steps = [
  { unit: 'day', seconds: 86_400 },
  { unit: 'hour', seconds: 3600 },
  { unit: 'minute', seconds: 60 },
] as const;

/** `3 h ago`, `in 2 days`, `just now`. Both parameters are in epoch milliseconds. */
export function relativeTime(time: number, now: number): string {
  const seconds = (time - now) / 1000;
  // Seconds are not shown, because the page updates only every half minute.
  if (seconds <= 0) return seconds > -60 ? texts.ago.now : ageWords(now - time);
  const step = steps.find((candidate) => seconds >= candidate.seconds);
  return step ? relative.format(Math.round(seconds / step.seconds), step.unit) : adminTexts.soon;
}

/** A duration in its two largest units: `1 d 4 h`, `3 h`, `4 min 9 s`, `9 s`. @param ms 0 or more */
export function spanLeft(ms: number): string {
  const seconds = Math.ceil(ms / 1000);
  const [d, h, min, s] = [
    Math.floor(seconds / 86_400),
    Math.floor(seconds / 3600) % 24,
    Math.floor(seconds / 60) % 60,
    seconds % 60,
  ];
  const steps = [`${d} d`, `${h} h`, `${min} min`, `${s} s`];
  const first = [d, h, min, s].findIndex((count) => count > 0);
  if (first < 0) return '0 s';
  return steps
    .slice(first, first + 2)
    .filter((step) => !step.startsWith('0 '))
    .join(' ');
}
