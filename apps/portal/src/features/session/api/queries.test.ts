import type { Image, Session } from '@spinbay/contracts';
import { expect, it } from 'vitest';
import { moreCanCome } from './queries.ts';

const session = (status: Session['status']) => ({ status }) as Session;
const images = (...statuses: Image['status'][]) => ({
  pages: [],
  items: statuses.map((status) => ({ status }) as Image),
  total: statuses.length,
});

it('polls while the session is active or not known yet', () => {
  expect(moreCanCome(undefined, 0, { session: undefined, seenAt: 0 })).toBe(true);
  expect(moreCanCome(images('processed'), 20, { session: session('active'), seenAt: 10 })).toBe(true);
});

it('polls a finished session while a frame is on its way', () => {
  const seen = { session: session('completed'), seenAt: 10 };
  expect(moreCanCome(images('processed', 'pending'), 20, seen)).toBe(true);
  expect(moreCanCome(images('processed', 'failed', 'expired'), 20, seen)).toBe(false);
});

it('looks once more after the session was seen to have ended', () => {
  const seen = { session: session('abandoned'), seenAt: 10 };
  expect(moreCanCome(images('processed'), 9, seen)).toBe(true);
  expect(moreCanCome(images('processed'), 10, seen)).toBe(false);
});
