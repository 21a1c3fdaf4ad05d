import type { Session } from '@spinbay/contracts';
import { expect, it } from 'vitest';
import { frame } from '../testing.ts';
import { imagesDelay } from './queries.ts';

const startedAt = Date.parse('2026-11-22T10:00:00.000Z');
const session = (status: Session['status']) => ({ status, started_at: '2026-11-22T10:00:00.000Z' }) as Session;
const images = (...statuses: string[]) => ({
  pages: [],
  items: statuses.map((status, k) => frame(k, { status })),
  total: statuses.length,
});
const seen = (status: Session['status']) => ({ session: session(status), sessionAt: 10, lookedAt: 0 });
const after = (minutes: number) => ({ server: startedAt + minutes * 60_000, device: minutes * 60_000 });

it('polls every 3 s while the session is active or not loaded yet', () => {
  expect(imagesDelay(undefined, 0, { session: undefined, sessionAt: 0, lookedAt: 0 }, after(1))).toBe(3000);
  expect(imagesDelay(images('processed'), 20, seen('active'), after(1))).toBe(3000);
});

it('polls a finished session while a frame is expected', () => {
  expect(imagesDelay(images('processed', 'pending'), 20, seen('completed'), after(1))).toBe(3000);
  expect(imagesDelay(images('processed', 'failed', 'expired'), 20, seen('completed'), after(1))).toBe(false);
});

it('polls once more after the session has ended', () => {
  expect(imagesDelay(images('processed'), 9, seen('abandoned'), after(1))).toBe(3000);
  expect(imagesDelay(images('processed'), 10, seen('abandoned'), after(1))).toBe(false);
});

it('polls slowly while nothing happens, and quickly again for two minutes after somebody looks', () => {
  expect(imagesDelay(images('processed'), 20, seen('active'), after(10))).toBe(30_000);
  const looked = { ...seen('active'), lookedAt: after(10).device };
  expect(imagesDelay(images('processed'), 20, looked, after(12))).toBe(3000);
  expect(imagesDelay(images('processed'), 20, looked, after(12.1))).toBe(30_000);
});
