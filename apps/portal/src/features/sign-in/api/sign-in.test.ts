import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import type { Api } from '../../../api/api-context.tsx';
import { signOut, startSignIn } from './sign-in.ts';

const provider = vi.hoisted(() => ({ load: () => ({}) as object }));
vi.mock('./provider.ts', () => ({
  get createProvider() {
    return provider.load;
  },
}));

function page() {
  const events = new EventTarget();
  const location = { origin: 'https://portal.test', assign: vi.fn(), reload: vi.fn() };
  vi.stubGlobal('window', {
    location,
    addEventListener: events.addEventListener.bind(events),
  });
  const show = (persisted: boolean) => events.dispatchEvent(Object.assign(new Event('pageshow'), { persisted }));
  return { location, show };
}

function api() {
  const identity = { get: () => ({ identity: { token: 't1', id_token: 'id' } }), signOut: vi.fn() };
  return { api: { config: { api_url: 'http://127.0.0.1:1' }, identity } as unknown as Api, identity };
}

beforeEach(() => {
  provider.load = () => ({
    signInUrl: async () => 'https://id.test/authorize',
    signOutUrl: async () => 'https://id.test/logout',
  });
});
afterEach(() => void vi.unstubAllGlobals());

it('loads the page again if the back button returns to it from the provider', async () => {
  const { location, show } = page();
  await startSignIn(api().api, { returnTo: '/sessions', prompt: null });
  expect(location.assign).toHaveBeenCalledExactlyOnceWith('https://id.test/authorize');
  show(false);
  expect(location.reload).not.toHaveBeenCalled();
  show(true);
  expect(location.reload).toHaveBeenCalledOnce();
});

it('signs out without a network, even if the code for the provider cannot be loaded', async () => {
  const { location } = page();
  const { api: offline, identity } = api();
  provider.load = () => {
    throw new TypeError('Failed to fetch dynamically imported module');
  };
  await signOut(offline, { everywhere: false });
  expect(identity.signOut).toHaveBeenCalledOnce();
  expect(location.assign).not.toHaveBeenCalled();
});

it('signs out at the provider, too', async () => {
  const { location } = page();
  const { api: online, identity } = api();
  await signOut(online, { everywhere: false });
  expect(identity.signOut).toHaveBeenCalledOnce();
  expect(location.assign).toHaveBeenCalledExactlyOnceWith('https://id.test/logout');
});
