import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { ApiError } from '@spinbay/client';
import { errorTable } from '@spinbay/contracts';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { createPortalClient } from './api-client.ts';
import type { Identity, IdentityStore } from './identity.ts';

const authorizations: (string | undefined)[] = [];
const server = createServer((request, response) => {
  authorizations.push(request.headers.authorization);
  const { status, title } = errorTable.unauthenticated;
  response.writeHead(status, { 'content-type': 'application/problem+json' });
  response.end(JSON.stringify({ type: 'about:blank', code: 'unauthenticated', status, title }));
});
let baseUrl: string;

beforeAll(async () => {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  baseUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterAll(() => new Promise((resolve) => server.close(resolve)));

function storeWith(identity: Pick<Identity, 'token'> | null) {
  const expire = vi.fn();
  const store = { get: () => ({ identity, ended: null }), expire } as unknown as IdentityStore;
  return { store, expire };
}

const listeners = (identity: IdentityStore) => ({
  identity,
  reachability: { answered: vi.fn(), unanswered: vi.fn() },
  clock: { observe: vi.fn() },
});

it('sends the token of the signed-in person, and ends the sign-in if it is refused', async () => {
  const { store, expire } = storeWith({ token: 't1' });
  await expect(createPortalClient(baseUrl, listeners(store)).listSites()).rejects.toThrow(ApiError);
  expect(authorizations.at(-1)).toBe('Bearer t1');
  expect(expire).toHaveBeenCalledExactlyOnceWith('t1');
});

it('keeps the sign-in if a refusal was not about the token', async () => {
  const { store, expire } = storeWith(null);
  await expect(createPortalClient(baseUrl, listeners(store)).authLogin({ body: { id_token: 'x' } })).rejects.toThrow(
    ApiError,
  );
  expect(authorizations.at(-1)).toBeUndefined();
  expect(expire).not.toHaveBeenCalled();
});

it('reports whether the API answers, and its time', async () => {
  const observers = listeners(storeWith(null).store);
  await expect(createPortalClient(baseUrl, observers).listSites()).rejects.toThrow(ApiError);
  expect(observers.reachability.answered).toHaveBeenCalledOnce();
  expect(observers.clock.observe).toHaveBeenCalledExactlyOnceWith(expect.stringMatching(/ GMT$/));
  const nobody = createPortalClient('http://127.0.0.1:1', observers);
  await expect(nobody.listSites()).rejects.toThrow(/does not answer/);
  expect(observers.reachability.unanswered).toHaveBeenCalledOnce();
  const leaving = AbortSignal.abort();
  await expect(nobody.listSites({}, { signal: leaving })).rejects.toThrow();
  expect(observers.reachability.unanswered).toHaveBeenCalledOnce();
});
