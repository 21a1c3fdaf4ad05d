import { type Client, createClient } from '@spinbay/client';
import type { IdentityStore } from './identity.ts';

/** The typed client, with the token of whoever is signed in; a token that is refused ends the sign-in. */
export function createPortalClient(baseUrl: string, identity: IdentityStore): Client {
  const token = () => identity.get().identity?.token;
  return createClient({
    baseUrl,
    token,
    timeoutMs: 20_000,
    fetch: async (input, init) => {
      const sent = new Headers(init?.headers).get('authorization');
      const response = await fetch(input, init);
      if (response.status === 401 && sent !== null) identity.expire(sent.replace(/^Bearer /, ''));
      return response;
    },
  });
}
