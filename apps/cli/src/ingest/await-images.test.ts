import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createClient } from '@spinbay/client';
import { ImageId, SessionId } from '@spinbay/contracts';
import { v7 } from 'uuid';
import { afterEach, expect, test } from 'vitest';
import { awaitImages } from './await-images.ts';

let server: Server | undefined;
afterEach(() => server?.close());

/** Polls an API that gives these replies and then one that ends the polling. @returns the times of the polls, in ms */
async function pollsOf(...replies: { status: number; retryAfter?: string }[]): Promise<number[]> {
  const times: number[] = [];
  server = createServer((_, response) => {
    times.push(performance.now());
    const { status, retryAfter } = replies[times.length - 1] ?? { status: 401 };
    const code = { 429: 'rate_limited', 503: 'unavailable', 401: 'unauthenticated' }[status];
    const problem = { type: 'about:blank', title: 'Refused', status, code };
    const headers = retryAfter === undefined ? {} : { 'retry-after': retryAfter };
    response.writeHead(status, { 'content-type': 'application/problem+json', ...headers }).end(JSON.stringify(problem));
  });
  await new Promise<void>((resolve) => server?.listen(0, '127.0.0.1', resolve));
  const client = createClient({
    baseUrl: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    token: () => 't',
  });
  const waiting = new Set([ImageId.parse(v7())]);
  await expect(awaitImages(client, SessionId.parse(v7()), waiting, () => undefined)).rejects.toThrow();
  return times;
}

test('polls again only after the time that the server asks for', async () => {
  const [first = 0, second = 0, third = 0, ...more] = await pollsOf(
    { status: 429, retryAfter: '2' },
    { status: 503, retryAfter: '2' },
  );
  expect(second - first).toBeGreaterThan(1_900);
  expect(third - second).toBeGreaterThan(1_900);
  expect(more).toEqual([]);
});
