import { ConnectionError } from '@spinbay/client';
import { QueryClient } from '@tanstack/react-query';
import { expect, it } from 'vitest';
import { type Person, peopleQuery, rejudgementQuery, replaceLine } from './queries.ts';

const person = (id: string, name: string) => ({ id, name }) as Person;
const page = (...items: Person[]) => ({ items, total: 3 });

it('requests the next page until all lines are loaded', () => {
  const { getNextPageParam } = peopleQuery({} as never);
  const [first, rest] = [page(person('1', 'Ada'), person('2', 'Rita')), page(person('3', 'Omar'))];
  expect(getNextPageParam(first, [first], 0, [0])).toBe(2);
  expect(getNextPageParam(rest, [first, rest], 2, [0, 2])).toBeNull();
  // Somebody was removed in the meantime: an empty page is the last one.
  expect(getNextPageParam(page(), [first, page()], 2, [0, 2])).toBeNull();
});

it('replaces a changed line on its page', () => {
  const queries = new QueryClient();
  const { queryKey } = peopleQuery({} as never);
  queries.setQueryData(queryKey, {
    pages: [page(person('1', 'Ada')), page(person('2', 'Rita'), person('3', 'Omar'))],
    pageParams: [0, 1],
  });
  replaceLine(queries, 'people', person('3', 'Omar the Great'));
  const names = queries.getQueryData(queryKey)?.pages.flatMap(({ items }) => items.map(({ name }) => name));
  expect(names).toEqual(['Ada', 'Rita', 'Omar the Great']);
  queries.clear();
});

it('polls a rejudgement until it is finished, and less often while the server does not answer', () => {
  const { refetchInterval } = rejudgementQuery({} as never);
  if (typeof refetchInterval !== 'function') throw new Error('the interval is constant');
  const delay = (finished_at: string | null, more: object = {}) => {
    const state = {
      status: 'success',
      data: { finished_at },
      error: null,
      dataUpdatedAt: 1000,
      errorUpdatedAt: 0,
      ...more,
    };
    return refetchInterval({ state } as never);
  };
  expect(delay(null)).toBe(2000);
  expect(delay('2026-11-22T12:00:00.000Z')).toBe(false);
  expect(delay(null, { status: 'error', error: new ConnectionError('no answer'), errorUpdatedAt: 13_000 })).toBe(
    12_000,
  );
});
