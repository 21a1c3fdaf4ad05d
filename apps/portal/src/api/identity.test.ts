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

it('outlives a reload of the page', () => {
  const storage = memory();
  createIdentityStore(storage).signIn(reply('t1'), 'id-token');
  expect(createIdentityStore(storage).get().identity).toMatchObject({ token: 't1', id_token: 'id-token' });
});

it('ends when its eight hours are over, also while the page was closed', () => {
  const storage = memory();
  const store = createIdentityStore(storage);
  store.signIn(reply('t1'), 'id-token');
  const seen = vi.fn();
  store.subscribe(seen);
  vi.advanceTimersByTime(8 * 3600_000 - 1);
  expect(store.get().identity).not.toBeNull();
  const reloadedLater = createIdentityStore(storage);
  vi.advanceTimersByTime(1);
  expect(store.get()).toEqual({ identity: null, ended: 'expired' });
  expect(reloadedLater.get()).toEqual({ identity: null, ended: 'expired' });
  expect(seen).toHaveBeenCalledOnce();
  expect(createIdentityStore(storage).get()).toEqual({ identity: null, ended: null });
});

it('ends when the API refuses its token, but not when it refuses an older one', () => {
  const store = createIdentityStore(memory());
  store.signIn(reply('t1'), 'id-token');
  store.signIn(reply('t2'), 'id-token');
  store.expire('t1');
  expect(store.get().identity?.token).toBe('t2');
  store.expire('t2');
  expect(store.get()).toEqual({ identity: null, ended: 'expired' });
});

it('leaves nothing behind on signing out', () => {
  const storage = memory();
  const store = createIdentityStore(storage);
  store.signIn(reply('t1'), 'id-token');
  store.signOut();
  expect(store.get()).toEqual({ identity: null, ended: 'signed_out' });
  expect(createIdentityStore(storage).get().identity).toBeNull();
});

it('takes nothing from storage that is not whole', () => {
  const storage = memory();
  for (const text of ['{', 'null', '{"token":"t1"}', '[]']) {
    storage.setItem('spinbay.identity', text);
    expect(createIdentityStore(storage).get().identity).toBeNull();
  }
});

it('works where the browser allows no storage', () => {
  const blocked = () => {
    throw new Error('SecurityError');
  };
  const store = createIdentityStore({ getItem: blocked, setItem: blocked, removeItem: blocked });
  store.signIn(reply('t1'), 'id-token');
  expect(store.get().identity?.token).toBe('t1');
});
