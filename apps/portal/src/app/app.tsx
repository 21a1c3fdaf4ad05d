import { MantineProvider } from '@mantine/core';
import { QueryClient, QueryClientProvider } from '@tanstack/react-query';
import { useState } from 'react';
import { BrowserRouter } from 'react-router';
import { createPortalClient } from '../api/api-client.ts';
import { type Api, ApiProvider } from '../api/api-context.tsx';
import { isRetryable } from '../api/faults.ts';
import { createIdentityStore, type Storages } from '../api/identity.ts';
import { createReachability } from '../api/reachability.ts';
import { createServerClock } from '../api/server-clock.ts';
import { finishSignInKey } from '../features/sign-in/api/sign-in.ts';
import type { PortalConfig } from '../portal-config.ts';
import { cssVariablesResolver, theme } from '../ui/theme.ts';
import { CrashBoundary } from './crash-boundary.tsx';
import { AppRoutes } from './routes.tsx';

/** Provides what lives as long as the page: settings, client, sign-in, cache, theme and router. */
export function App({ config, storages }: { config: PortalConfig; storages: Storages }) {
  const [{ api, queries }] = useState(() => createApp(config, storages));
  return (
    <MantineProvider theme={theme} cssVariablesResolver={cssVariablesResolver} defaultColorScheme="auto">
      <ApiProvider value={api}>
        <QueryClientProvider client={queries}>
          <BrowserRouter>
            <CrashBoundary>
              <AppRoutes />
            </CrashBoundary>
          </BrowserRouter>
        </QueryClientProvider>
      </ApiProvider>
    </MantineProvider>
  );
}

function createApp(config: PortalConfig, storages: Storages): { api: Api; queries: QueryClient } {
  const identity = createIdentityStore(storages);
  window.addEventListener('storage', identity.noticeSignOut);
  // A page in the back-forward cache receives no storage events.
  window.addEventListener('pageshow', identity.noticeSignOut);
  // While a page waits for a new sign-in, no key may reach its dialogs and shortcuts. This listener is registered before
  // theirs, so it runs first.
  const holdKeys = (event: KeyboardEvent) => {
    if (identity.get().waiting) event.stopImmediatePropagation();
  };
  window.addEventListener('keydown', holdKeys, { capture: true });
  const queries = new QueryClient({
    defaultOptions: {
      queries: {
        // What matters is whether the API answers: a local installation works without a network.
        networkMode: 'always',
        retry: (count, error) => count < 1 && isRetryable(error),
        retryDelay: 1000,
        staleTime: 2000,
      },
      mutations: { networkMode: 'always' },
    },
  });
  // The next person at this screen, or the same person in another organization, must not see the previous data.
  let shownTo = identity.get().identity?.user;
  identity.subscribe(() => {
    const { identity: signedIn, waiting } = identity.get();
    const user = (signedIn ?? waiting)?.user;
    if (shownTo && (user?.id !== shownTo.id || user.org_id !== shownTo.org_id)) {
      // A sign-in to another organization may be in progress and must complete.
      queries.removeQueries({ predicate: ({ queryKey }) => queryKey[0] !== finishSignInKey });
      queries.getMutationCache().clear();
    }
    shownTo = user;
  });
  const clock = createServerClock();
  const reachability = createReachability({
    probe: () => fetch(`${config.api_url}/healthz`, { cache: 'no-store', signal: AbortSignal.timeout(5000) }),
    isOnline: () => navigator.onLine,
    events: window,
  });
  // Queries that are backing off can retry now.
  reachability.subscribe(() => {
    if (reachability.get() === 'reached')
      void queries.refetchQueries({ type: 'active', predicate: ({ state }) => state.status === 'error' });
  });
  const client = createPortalClient(config.api_url, { identity, reachability, clock });
  return { api: { config, client, identity, reachability, clock }, queries };
}
