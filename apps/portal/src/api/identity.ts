import { routes, tokenLifetime } from '@spinbay/contracts';
import { z } from 'zod';

const Reply = routes.authLogin.replies[200];

export const Identity = z.object({
  token: Reply.shape.token,
  user: Reply.shape.user,
  /** The provider's token, for choosing another organization and as a hint for ending the provider's session. */
  id_token: z.string(),
  nonce: z.string(),
  /** The organizations that this person can choose from; empty if there is no choice. */
  organizations: z.array(z.object({ org_id: z.string(), name: z.string() })),
  /** When the sign-in expires, by this device's clock, epoch milliseconds. */
  until: z.number(),
});
export type Identity = z.output<typeof Identity>;

/** The proof of identity, in addition to the API's reply. */
export type Proof = Pick<Identity, 'id_token' | 'nonce' | 'organizations'>;

export interface IdentityState {
  readonly identity: Identity | null;
  /** Why the last sign-in of this page ended. Null if none has ended, or if somebody has signed in again. */
  readonly ended: 'expired' | 'signed_out' | 'signed_out_elsewhere' | null;
  /**
   * The person whose sign-in expired while the page was open. The page waits for `renew`, so that nothing that was typed is
   * lost. If the API refuses a token early, the page does not wait: the person signed out everywhere or was removed.
   */
  readonly waiting: Identity | null;
}

export interface IdentityStore {
  get(): IdentityState;
  subscribe(listener: () => void): () => void;
  signIn(reply: z.output<typeof Reply>, proof: Proof): void;
  /** Signs out here, and through `noticeSignOut` in all other tabs. */
  signOut(): void;
  /** Call this when another tab may have signed out. If one has, this ends the sign-in here, too. */
  noticeSignOut(): void;
  /**
   * Whether somebody signed in with this browser, nobody has signed out since, and no sign-in of this page has ended. A new
   * tab may then ask the provider without a click.
   */
  maySignInSilently(): boolean;
  /** The organization last used in any tab of this browser. */
  lastOrganization(): string | null;
  /** Continues with a sign-in of another tab. False if the page waits for another person or organization, or for nobody. */
  renew(identity: Identity): boolean;
  /** Ends the sign-in, because its token has expired or the API refused it. Ignores a token that was replaced meanwhile. */
  expire(token: string): void;
}

const lifetime = tokenLifetime.user * 1000;
/**
 * In milliseconds. A token that is refused less than this before its end has expired; an earlier refusal means that it was
 * revoked. The API counts the lifetime from its reply, which may arrive late.
 */
const endsEarlierBy = 300_000;
const storageKey = 'spinbay.identity';
/** When somebody last signed out in this browser, epoch milliseconds. All tabs share it, because it is not a secret. */
const signedOutKey = 'spinbay.signed-out';
/** When somebody last signed in with this browser, and to which organization. Not a secret either. */
const signedInKey = 'spinbay.signed-in';
const SignedIn = z.object({ at: z.number(), org_id: z.string() });

/** Browser storage: for this tab only, and for all tabs. */
export interface Storages {
  readonly tab: Pick<Storage, 'getItem' | 'setItem' | 'removeItem'>;
  readonly shared: Pick<Storage, 'getItem' | 'setItem'>;
}

/**
 * The signed-in person of this tab, in the tab's session storage. The sign-in survives a reload. It ends when the tab is
 * closed, and after eight hours. Other tabs do not share it: a new tab asks the provider for its own sign-in
 * (docs/decisions/0013-new-tabs-ask-the-provider.md). A sign-out in one tab ends the sign-in of all tabs, including
 * suspended and reopened ones. A sign-in also ends when the API answers 401. The limit of eight hours avoids showing a page
 * that cannot load. It is counted from the arrival of the token, so that a wrong clock does no harm.
 */
export function createIdentityStore({ tab: storage, shared }: Storages): IdentityStore {
  const listeners = new Set<() => void>();
  let timer: ReturnType<typeof setTimeout> | undefined;
  let state: IdentityState = { identity: null, ended: null, waiting: null };

  const set = (next: Omit<IdentityState, 'waiting'> & Partial<IdentityState>) => {
    state = { waiting: null, ...next };
    clearTimeout(timer);
    const { identity } = next;
    if (identity) timer = setTimeout(() => store.expire(identity.token), Math.max(0, identity.until - Date.now()));
    try {
      if (identity) storage.setItem(storageKey, JSON.stringify(identity));
      else storage.removeItem(storageKey);
    } catch {
      // Storage is blocked or full: the sign-in then ends with the page.
    }
    for (const listener of listeners) listener();
  };

  const store: IdentityStore = {
    get: () => state,
    subscribe(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    signIn({ token, user }, proof) {
      const until = Date.now() + lifetime;
      set({ identity: { token, user, ...proof, until }, ended: null });
      try {
        shared.setItem(signedInKey, JSON.stringify({ at: Date.now(), org_id: user.org_id }));
      } catch {
        // Storage is blocked: each tab then needs a click.
      }
    },
    signOut() {
      set({ identity: null, ended: 'signed_out' });
      try {
        shared.setItem(signedOutKey, String(Date.now()));
      } catch {
        // Storage is blocked: the other tabs then keep their sign-in until it expires.
      }
    },
    noticeSignOut() {
      const known = state.identity ?? state.waiting;
      if (known && isSignedOut(known, shared)) set({ identity: null, ended: 'signed_out_elsewhere' });
    },
    maySignInSilently() {
      const last = readSignedIn(shared);
      return state.ended === null && last !== null && last.at > readSignedOut(shared);
    },
    lastOrganization: () => readSignedIn(shared)?.org_id ?? null,
    renew(identity) {
      const person = state.waiting?.user;
      if (identity.user.id !== person?.id || identity.user.org_id !== person.org_id) return false;
      set({ identity, ended: null });
      return true;
    },
    expire(token) {
      const { identity } = state;
      if (identity?.token !== token) return;
      const isDue = identity.until - Date.now() < endsEarlierBy;
      set({ identity: null, ended: 'expired', waiting: isDue ? identity : null });
    },
  };

  const stored = readStored(storage);
  if (stored) {
    set(stored.until > Date.now() ? { identity: stored, ended: null } : { identity: null, ended: 'expired' });
    store.noticeSignOut();
  }
  return store;
}

/** Whether the sign-in is older than the last sign-out of any tab. */
function isSignedOut({ until }: Identity, shared: Pick<Storage, 'getItem'>): boolean {
  return readSignedOut(shared) >= until - lifetime;
}

/** Epoch milliseconds; negative infinity for never. */
function readSignedOut(shared: Pick<Storage, 'getItem'>): number {
  try {
    return Number(shared.getItem(signedOutKey) ?? Number.NEGATIVE_INFINITY);
  } catch {
    return Number.NEGATIVE_INFINITY;
  }
}

function readSignedIn(shared: Pick<Storage, 'getItem'>): z.output<typeof SignedIn> | null {
  try {
    return SignedIn.safeParse(JSON.parse(shared.getItem(signedInKey) ?? 'null')).data ?? null;
  } catch {
    return null;
  }
}

function readStored(storage: Pick<Storage, 'getItem'>): Identity | null {
  try {
    const parsed = Identity.safeParse(JSON.parse(storage.getItem(storageKey) ?? 'null'));
    return parsed.success ? parsed.data : null;
  } catch {
    return null;
  }
}
