import type { Image } from '@spinbay/contracts';
import { reviewTexts } from '../../ui/review-texts.ts';

export interface Step {
  readonly name: keyof typeof reviewTexts.frame.steps;
  readonly at: string;
  /** Seconds since the previous step; null for the first, and if the camera's clock must be wrong. */
  readonly after: number | null;
}

/**
 * The completed steps of a frame, starting with the press of the shutter. The first step uses the camera's clock, the others
 * the server's. A camera with a clock that is ahead seems to shoot after the upload.
 */
export function timelineOf(
  image: Pick<Image, 'captured_at' | 'uploaded_at' | 'processed_at' | 'published_at'>,
): Step[] {
  const times = [
    ['taken', image.captured_at],
    ['uploaded', image.uploaded_at],
    ['processed', image.processed_at],
    ['published', image.published_at],
  ] as const;
  const steps: Step[] = [];
  for (const [name, at] of times) {
    if (at === null) continue;
    const before = steps.at(-1);
    const after = before ? (Date.parse(at) - Date.parse(before.at)) / 1000 : null;
    // The object store gives the upload time in whole seconds, so a quick upload seems to end before it started.
    steps.push({ name, at, after: after !== null && after > -1 ? Math.max(0, after) : null });
  }
  return steps;
}

/** `0.4 s`, `48 s`, `12 min`, `3 h`, `2 days`. */
export function spanWords(seconds: number): string {
  const { spans } = reviewTexts;
  if (seconds < 9.95) return spans.seconds(seconds.toFixed(1));
  if (seconds < 119.5) return spans.seconds(seconds.toFixed(0));
  if (seconds < 7170) return spans.minutes(Math.round(seconds / 60));
  if (seconds < 47.5 * 3600) return spans.hours(Math.round(seconds / 3600));
  return spans.days(Math.round(seconds / 86_400));
}
