import type { Client } from '@spinbay/client';
import { createContext, useContext, useSyncExternalStore } from 'react';
import type { PortalConfig } from '../portal-config.ts';
import type { Identity, IdentityState, IdentityStore } from './identity.ts';
import type { Reach, Reachability } from './reachability.ts';
import type { ServerClock } from './server-clock.ts';

/** Shared by all features: settings, typed client, signed-in person, and the reachability and clock of the API. */
export interface Api {
  readonly config: PortalConfig;
  readonly client: Client;
  readonly identity: IdentityStore;
  readonly reachability: Reachability;
  readonly clock: ServerClock;
}

const ApiContext = createContext<Api | null>(null);
export const ApiProvider = ApiContext.Provider;

export function useApi(): Api {
  const api = useContext(ApiContext);
  if (!api) throw new Error('useApi is used outside of ApiProvider');
  return api;
}

export function useIdentityState(): IdentityState {
  const { identity } = useApi();
  return useSyncExternalStore(identity.subscribe, identity.get);
}

export function useReach(): Reach {
  const { reachability } = useApi();
  return useSyncExternalStore(reachability.subscribe, reachability.get);
}

/** The person of this page, also while the page waits for them to sign in again. Only for components behind the sign-in. */
export function useIdentity(): Identity | null {
  const { identity, waiting } = useIdentityState();
  return identity ?? waiting;
}
