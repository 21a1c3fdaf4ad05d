import { type Client, createClient } from '@spinbay/client';
import type { IdentityStore } from './identity.ts';
import type { Reachability } from './reachability.ts';
import type { ServerClock } from './server-clock.ts';

/** What a call notifies: the sign-in (of refused tokens), the reachability of the API, and the clock of the API. */
export interface Listeners {
  readonly identity: IdentityStore;
  readonly reachability: Pick<Reachability, 'answered' | 'unanswered'>;
  readonly clock: Pick<ServerClock, 'observe'>;
}

/** The typed client with the token of the signed-in person. A refused token ends the sign-in. */
export function createPortalClient(baseUrl: string, { identity, reachability, clock }: Listeners): Client {
  const token = () => identity.get().identity?.token;
  return createClient({
    baseUrl,
    token,
    timeoutMs: 20_000,
    fetch: async (input, init) => {
      const headers = new Headers(init?.headers);
      const sent = headers.get('authorization');
      // With this mode, a request with an ETag can use the browser's cached preflight. Otherwise each poll would need two
      // requests. The request still reaches the server, because the browser does not store replies of the API.
      const cache = headers.has('if-none-match') ? ({ cache: 'force-cache' } as const) : {};
      const response = await fetch(input, { ...init, ...cache }).catch((error: unknown) => {
        // Leaving a page cancels its calls, which says nothing about the API.
        if (!(error instanceof DOMException && error.name === 'AbortError')) reachability.unanswered();
        throw error;
      });
      reachability.answered();
      clock.observe(response.headers.get('date'));
      if (response.status === 401 && sent !== null) identity.expire(sent.replace(/^Bearer /, ''));
      return response;
    },
  });
}
