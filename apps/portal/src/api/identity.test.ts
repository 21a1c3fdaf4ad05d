import { routes } from '@spinbay/contracts';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { createIdentityStore } from './identity.ts';

const id = (n: number) => `01900000-0000-7000-8000-${String(n).padStart(12, '0')}`;
const reply = (token: string) =>
  routes.authLogin.replies[200].parse({
    token,
    expires_at: '2026-11-22T20:00:00.000Z',
    user: {
      id: id(1),
      email: 'reviewer@demo.test',
      name: 'Rita',
      role: 'reviewer',
      org_id: id(2),
      org_name: 'Demo',
      site_ids: [id(3)],
    },
  });

const proof = { id_token: 'id-token', nonce: 'n1', organizations: [] };

function storages(shared = memory()) {
  return { tab: memory(), shared };
}

function memory(): Storage {
  const values = new Map<string, string>();
  return {
    getItem: (key: string) => values.get(key) ?? null,
    setItem: (key: string, value: string) => values.set(key, value),
    removeItem: (key: string) => values.delete(key),
  } as unknown as Storage;
}

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

it('survives a reload of the page', () => {
  const storage = storages();
  createIdentityStore(storage).signIn(reply('t1'), proof);
  expect(createIdentityStore(storage).get().identity).toMatchObject({ token: 't1', id_token: 'id-token' });
});

it('ends after eight hours, even if the page was closed', () => {
  const storage = storages();
  const store = createIdentityStore(storage);
  store.signIn(reply('t1'), proof);
  const seen = vi.fn();
  store.subscribe(seen);
  vi.advanceTimersByTime(8 * 3600_000 - 1);
  expect(store.get().identity).not.toBeNull();
  const reloadedLater = createIdentityStore(storage);
  vi.advanceTimersByTime(1);
  expect(store.get()).toMatchObject({ identity: null, ended: 'expired' });
  expect(reloadedLater.get()).toMatchObject({ identity: null, ended: 'expired' });
  expect(seen).toHaveBeenCalledOnce();
  expect(createIdentityStore(storage).get()).toEqual({ identity: null, ended: null, waiting: null });
});

it('ends if the API refuses its token, but not if it refuses an older one', () => {
  const store = createIdentityStore(storages());
  store.signIn(reply('t1'), proof);
  store.signIn(reply('t2'), proof);
  store.expire('t1');
  expect(store.get().identity?.token).toBe('t2');
  store.expire('t2');
  // Somebody signed out everywhere, perhaps because a computer was stolen: the page does not stay.
  expect(store.get()).toEqual({ identity: null, ended: 'expired', waiting: null });
});

it('waits for the same person in the same organization after it expired, and ends if they sign out elsewhere', () => {
  const shared = memory();
  const [here, there] = [createIdentityStore(storages(shared)), createIdentityStore(storages(shared))];
  here.signIn(reply('t1'), proof);
  vi.advanceTimersByTime(8 * 3_600_000 - 60_000);
  here.expire('t1');
  expect(here.get().waiting?.token).toBe('t1');
  const renewed = (over: object) => {
    const known = { ...reply('t2'), ...proof, until: Date.now() + 3_600_000 };
    return { ...known, user: { ...known.user, ...over } };
  };
  expect(here.renew(renewed({ id: id(8) }))).toBe(false);
  expect(here.renew(renewed({ org_id: id(9) }))).toBe(false);
  expect(here.get().identity).toBeNull();
  expect(here.renew(renewed({}))).toBe(true);
  expect(here.get()).toMatchObject({ identity: { token: 't2' }, ended: null, waiting: null });
  // Nobody waits any more.
  expect(here.renew(renewed({}))).toBe(false);

  vi.advanceTimersByTime(3_600_000);
  expect(here.get().waiting?.token).toBe('t2');
  there.signOut();
  here.noticeSignOut();
  expect(here.get()).toEqual({ identity: null, ended: 'signed_out_elsewhere', waiting: null });
});

it('leaves no data after signing out', () => {
  const storage = storages();
  const store = createIdentityStore(storage);
  store.signIn(reply('t1'), proof);
  store.signOut();
  expect(store.get()).toEqual({ identity: null, ended: 'signed_out', waiting: null });
  expect(createIdentityStore(storage).get().identity).toBeNull();
});

it('ends in all tabs of the browser after a sign-out in one of them', () => {
  const shared = memory();
  const [here, awake, asleep] = [storages(shared), storages(shared), storages(shared)];
  const [one, other] = [createIdentityStore(here), createIdentityStore(awake)];
  one.signIn(reply('t1'), proof);
  other.signIn(reply('t2'), proof);
  createIdentityStore(asleep).signIn(reply('t3'), proof);
  other.noticeSignOut();
  expect(other.get().identity?.token).toBe('t2');
  one.signOut();
  other.noticeSignOut();
  expect(other.get()).toEqual({ identity: null, ended: 'signed_out_elsewhere', waiting: null });
  expect(createIdentityStore(asleep).get()).toEqual({ identity: null, ended: 'signed_out_elsewhere', waiting: null });

  vi.advanceTimersByTime(1);
  other.signIn(reply('t4'), proof);
  other.noticeSignOut();
  expect(createIdentityStore(awake).get().identity?.token).toBe('t4');
});

it('lets a new tab sign in without a click if nobody has signed out since the last sign-in', () => {
  const shared = memory();
  expect(createIdentityStore(storages(shared)).maySignInSilently()).toBe(false);
  const here = createIdentityStore(storages(shared));
  here.signIn(reply('t1'), proof);
  const fresh = createIdentityStore(storages(shared));
  expect(fresh.maySignInSilently()).toBe(true);
  expect(fresh.lastOrganization()).toBe(id(2));
  vi.advanceTimersByTime(1);
  here.signOut();
  expect(here.maySignInSilently()).toBe(false);
  expect(createIdentityStore(storages(shared)).maySignInSilently()).toBe(false);
  vi.advanceTimersByTime(1);
  createIdentityStore(storages(shared)).signIn(reply('t2'), proof);
  expect(createIdentityStore(storages(shared)).maySignInSilently()).toBe(true);
  shared.setItem('spinbay.signed-in', '{');
  expect(createIdentityStore(storages(shared)).maySignInSilently()).toBe(false);
});

it('keeps no token where other tabs can read it', () => {
  const shared = memory();
  const written: string[] = [];
  const spied = { ...shared, setItem: (_: string, value: string) => void written.push(value) };
  createIdentityStore({ tab: memory(), shared: spied }).signIn(reply('a-token'), proof);
  expect(written.join()).not.toMatch(/a-token|id-token/);
});

it('ignores incomplete data in storage', () => {
  const storage = storages();
  for (const text of ['{', 'null', '{"token":"t1"}', '[]']) {
    storage.tab.setItem('spinbay.identity', text);
    expect(createIdentityStore(storage).get().identity).toBeNull();
  }
});

it('works without browser storage', () => {
  const blocked = () => {
    throw new Error('SecurityError');
  };
  const none = { getItem: blocked, setItem: blocked, removeItem: blocked };
  const store = createIdentityStore({ tab: none, shared: none });
  store.signIn(reply('t1'), proof);
  expect(store.get().identity?.token).toBe('t1');
  store.noticeSignOut();
  expect(store.get().identity?.token).toBe('t1');
  store.signOut();
  expect(store.get().identity).toBeNull();
});
