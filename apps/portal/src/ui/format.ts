import { locale } from './texts.ts';

const dateTime = new Intl.DateTimeFormat(locale, { dateStyle: 'medium', timeStyle: 'short' });
const date = new Intl.DateTimeFormat(locale, { dateStyle: 'medium' });
const clockTime = new Intl.DateTimeFormat(locale, { timeStyle: 'short' });
const clock = new Intl.DateTimeFormat(locale, { timeStyle: 'medium' });

/** `22 Nov 2026, 14:32`, in the viewer's time zone. */
export function formatDateTime(timestamp: string | number): string {
  return dateTime.format(new Date(timestamp));
}

/** `22 Nov 2026`. */
export function formatDate(timestamp: string): string {
  return date.format(new Date(timestamp));
}

/** YYYY-MM-DD in the viewer's time zone. */
export function localDay(time: Date): string {
  return new Date(time.getTime() - time.getTimezoneOffset() * 60_000).toISOString().slice(0, 10);
}

/** `14:32`. */
export function formatClockTime(timestamp: string): string {
  return clockTime.format(new Date(timestamp));
}

/** `14:32:05` from epoch milliseconds. */
export function formatClock(time: number): string {
  return clock.format(time);
}

/** `3.7 MB`, in powers of 1000 like cameras and disks. */
export function formatBytes(bytes: number): string {
  if (bytes < 1_000_000) return `${Math.max(1, Math.round(bytes / 1000))} kB`;
  return `${(bytes / 1_000_000).toFixed(1)} MB`;
}
