import type { SessionId, SessionStatus } from '@spinbay/contracts';
import { expect, it } from 'vitest';
import {
  type ListPage,
  mayHaveGap,
  mergeLines,
  missingLines,
  nextHead,
  nextPage,
  type SessionLine,
} from './session-lines.ts';

const start = Date.UTC(2026, 4, 4);

/** The session of minute `n`: the higher, the newer. */
function line(n: number, status: SessionStatus = 'completed'): SessionLine {
  const id = `01900000-0000-7000-8000-${String(n).padStart(12, '0')}` as SessionId;
  return { id, status, started_at: new Date(start + n * 60_000).toISOString() } as SessionLine;
}
const page = (items: SessionLine[], next: string | null = 'more'): ListPage => ({ items, next, total: 99 });
const head = (items: SessionLine[]) => ({ ...page(items), tail: [] });
const numbers = (lines: readonly SessionLine[]) => lines.map(({ id }) => Number(id.slice(-12)));
const known = (...lines: SessionLine[]) => new Set(lines.map(({ id }) => id));

it('keeps a line that a new session pushed out of the head', () => {
  const next = nextHead(head([line(9), line(8), line(7)]), page([line(10), line(9), line(8)]), []);
  expect(numbers(mergeLines(next, [page([line(6), line(5)])]))).toEqual([10, 9, 8, 7, 6, 5]);
  const later = nextHead(next, page([line(12), line(11), line(10)]), []);
  expect(numbers(mergeLines(later, [page([line(6), line(5)])]))).toEqual([12, 11, 10, 9, 8, 7, 6, 5]);
});

it('lists a session that has moved only at its new place', () => {
  const before = head([line(1, 'active'), line(9), line(8)]);
  const reply = page([line(9), line(8), line(7)]);
  const { moved } = missingLines(before.items, reply);
  expect(numbers(moved)).toEqual([1]);
  const after = nextHead(before, reply, [line(1)]);
  const lines = mergeLines(after, [page([line(7), line(6), line(2)], null)]);
  expect(numbers(lines)).toEqual([9, 8, 7, 6, 2, 1]);
  expect(lines.at(-1)?.status).toBe('completed');
  // A reopened session is at the top again and no longer below.
  const reopened = nextHead(after, page([line(1, 'active'), line(9), line(8)]), []);
  expect(numbers(mergeLines(reopened, [page([line(7), line(6), line(1)], null)]))).toEqual([1, 9, 8, 7, 6]);
});

it('forgets older lines if the head is the whole list', () => {
  expect(nextHead(head([line(3), line(2)]), page([line(3)], null), []).tail).toEqual([]);
});

it('loses no line of a refreshed page that has grown', () => {
  const grown = nextPage(page([line(9), line(7)], 'after 7'), page([line(9), line(8)], 'after 8'));
  expect(numbers(grown.items)).toEqual([9, 8, 7]);
  expect(grown.next).toBe('after 7');
});

it('notices more new lines than fit into the head', () => {
  const before = known(line(3, 'active'), line(9), line(8));
  expect(mayHaveGap(page([line(3, 'active'), line(10), line(9)]), before)).toBe(false);
  expect(mayHaveGap(page([line(3, 'active'), line(30), line(29)]), before)).toBe(true);
  expect(mayHaveGap(page([line(30), line(29)], null), before)).toBe(false);
});
