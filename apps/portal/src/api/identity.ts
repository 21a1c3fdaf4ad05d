import { routes, tokenLifetime } from '@spinbay/contracts';
import { z } from 'zod';

const Reply = routes.authLogin.replies[200];

const Identity = z.object({
  token: Reply.shape.token,
  user: Reply.shape.user,
  /** The provider's own token, as the hint for ending the provider's session too. */
  id_token: z.string(),
  /** By this device's clock, epoch milliseconds. */
  until: z.number(),
});
export type Identity = z.output<typeof Identity>;

export interface IdentityState {
  readonly identity: Identity | null;
  /** Why there is none any more, since this page was loaded. */
  readonly ended: 'expired' | 'signed_out' | null;
}

export interface IdentityStore {
  get(): IdentityState;
  subscribe(listener: () => void): () => void;
  signIn(reply: z.output<typeof Reply>, idToken: string): void;
  signOut(): void;
  /** The API no longer takes this token. A token that was replaced meanwhile changes nothing. */
  expire(token: string): void;
}

const storageKey = 'spinbay.identity';

/**
 * Who is signed in in this tab. Kept in the tab's session storage: it outlives a reload, but neither the tab nor the
 * eight hours, and other tabs do not share it. The API's 401 is what really ends it; the time kept here only spares a
 * person the look at a page that cannot load. It counts from the receipt, so that a wrong clock does no harm.
 */
export function createIdentityStore(storage: Pick<Storage, 'getItem' | 'setItem' | 'removeItem'>): IdentityStore {
  const listeners = new Set<() => void>();
  let timer: ReturnType<typeof setTimeout> | undefined;
  let state: IdentityState = { identity: null, ended: null };

  const set = (next: IdentityState) => {
    state = next;
    clearTimeout(timer);
    const { identity } = next;
    if (identity) timer = setTimeout(() => store.expire(identity.token), Math.max(0, identity.until - Date.now()));
    try {
      if (identity) storage.setItem(storageKey, JSON.stringify(identity));
      else storage.removeItem(storageKey);
    } catch {
      // Storage is blocked or full: the sign-in then lasts until the page is left.
    }
    for (const listener of listeners) listener();
  };

  const store: IdentityStore = {
    get: () => state,
    subscribe(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    signIn({ token, user }, idToken) {
      const until = Date.now() + tokenLifetime.user * 1000;
      set({ identity: { token, user, id_token: idToken, until }, ended: null });
    },
    signOut: () => set({ identity: null, ended: 'signed_out' }),
    expire(token) {
      if (state.identity?.token === token) set({ identity: null, ended: 'expired' });
    },
  };

  const stored = readStored(storage);
  if (stored) set(stored.until > Date.now() ? { identity: stored, ended: null } : { identity: null, ended: 'expired' });
  return store;
}

function readStored(storage: Pick<Storage, 'getItem'>): Identity | null {
  try {
    const parsed = Identity.safeParse(JSON.parse(storage.getItem(storageKey) ?? 'null'));
    return parsed.success ? parsed.data : null;
  } catch {
    return null;
  }
}
