import type { Storages } from '../api/identity.ts';

/** The browser's storage, or null if the browser blocks it, for example together with cookies. A sign-in needs it. */
export function openStorages(page: Pick<Window, 'sessionStorage' | 'localStorage'>): Storages | null {
  try {
    const { sessionStorage: tab, localStorage: shared } = page;
    const probe = 'spinbay.probe';
    tab.setItem(probe, probe);
    tab.removeItem(probe);
    return shared ? { tab, shared } : null;
  } catch {
    return null;
  }
}
