import { ApiError, type Client, ConnectionError } from '@spinbay/client';
import { errorTable } from '@spinbay/contracts';
import { QueryClient } from '@tanstack/react-query';
import { expect, it } from 'vitest';
import { everything } from '../list-search.ts';
import { headQuery, olderQuery } from './queries.ts';

const line = (n: number, status = 'completed') => ({
  id: `01900000-0000-7000-8000-${String(n).padStart(12, '0')}`,
  status,
  started_at: new Date(Date.UTC(2026, 4, 4) + n * 60_000).toISOString(),
});

const refusal = (code: 'session_not_found' | 'unauthenticated' | 'unavailable') =>
  new ApiError({ type: 'about:blank', code, ...errorTable[code] }, null);

/** The list after the active session 1 has ended and left the head. `read` is the reply for it. */
async function afterOneLeft(read: () => unknown) {
  const replies = [
    { items: [line(1, 'active'), line(9)], next_cursor: 'after 9' },
    { items: [line(8), line(7)], next_cursor: 'after 7' },
    { items: [line(9), line(8)], next_cursor: 'after 8' },
  ];
  const client = {
    listSessions: async () => ({ body: { total: 9, ...replies.shift() } }),
    getSession: async () => ({ body: read() }),
  } as unknown as Client;
  const queries = new QueryClient({ defaultOptions: { queries: { retry: false } } });
  const head = headQuery(client, queries, everything);
  await queries.fetchQuery(head);
  await queries.fetchInfiniteQuery(olderQuery(client, queries, everything));
  const outcome = await queries.fetchQuery({ ...head, staleTime: 0 }).catch((error: unknown) => error);
  queries.clear();
  return outcome;
}

it('loads the older lines again if many sessions left the head at once, instead of losing some', async () => {
  const active = [1, 2, 3, 4, 5, 6].map((n) => line(n, 'active'));
  const replies = [
    { items: [...active, line(9)], next_cursor: 'after 9' },
    { items: [line(8), line(7)], next_cursor: 'after 7' },
    { items: [line(9), line(8)], next_cursor: 'after 8' },
  ];
  const client = {
    listSessions: async () => ({ body: { total: 9, ...replies.shift() } }),
    getSession: async ({ params }: { params: { session_id: string } }) => ({
      body: line(Number(params.session_id.slice(-12))),
    }),
  } as unknown as Client;
  const queries = new QueryClient({ defaultOptions: { queries: { retry: false } } });
  const head = headQuery(client, queries, everything);
  const older = olderQuery(client, queries, everything);
  await queries.fetchQuery(head);
  await queries.fetchInfiniteQuery(older);
  expect(await queries.fetchQuery({ ...head, staleTime: 0 })).toMatchObject({ items: [line(9), line(8)], tail: [] });
  expect(queries.getQueryData(older.queryKey)).toBeUndefined();
  queries.clear();
});

it('leaves out a session that was deleted after it left the head', async () => {
  const outcome = await afterOneLeft(() => {
    throw refusal('session_not_found');
  });
  expect(outcome).toMatchObject({ items: [line(9), line(8)], tail: [] });
});

it.each([
  ['no answer', new ConnectionError('no answer')],
  ['an overload', refusal('unavailable')],
  ['the end of the sign-in', refusal('unauthenticated')],
])('reads the head again if such a session could not be read, instead of losing its line: %s', async (_, fault) => {
  const outcome = await afterOneLeft(() => {
    throw fault;
  });
  expect(outcome).toBe(fault);
});
