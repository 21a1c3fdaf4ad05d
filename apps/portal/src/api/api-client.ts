import { type Client, createClient } from '@spinbay/client';
import type { IdentityStore } from './identity.ts';
import type { Reachability } from './reachability.ts';
import type { ServerClock } from './server-clock.ts';

/** What learns from every call: the sign-in of a refused token, the way to the API, and the time there. */
export interface Listeners {
  readonly identity: IdentityStore;
  readonly reachability: Pick<Reachability, 'answered' | 'unanswered'>;
  readonly clock: Pick<ServerClock, 'hear'>;
}

/** The typed client, with the token of whoever is signed in; a token that is refused ends the sign-in. */
export function createPortalClient(baseUrl: string, { identity, reachability, clock }: Listeners): Client {
  const token = () => identity.get().identity?.token;
  return createClient({
    baseUrl,
    token,
    timeoutMs: 20_000,
    fetch: async (input, init) => {
      const headers = new Headers(init?.headers);
      const sent = headers.get('authorization');
      // Said with this mode, a question that has a tag may use what the browser remembers of its preflight; without, each
      // poll would be two requests. It goes to the server: the API has no reply stored that could be given in its place.
      const cache = headers.has('if-none-match') ? ({ cache: 'force-cache' } as const) : {};
      const response = await fetch(input, { ...init, ...cache }).catch((error: unknown) => {
        // Who leaves a page ends its calls: that says nothing about the API.
        if (!(error instanceof DOMException && error.name === 'AbortError')) reachability.unanswered();
        throw error;
      });
      reachability.answered();
      clock.hear(response.headers.get('date'));
      if (response.status === 401 && sent !== null) identity.expire(sent.replace(/^Bearer /, ''));
      return response;
    },
  });
}
