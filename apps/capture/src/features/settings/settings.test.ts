import { expect, test, vi } from 'vitest';
import { languageOf, SettingsStore } from './settings.ts';

function storeWith(kept?: unknown) {
  const values = new Map<string, unknown>(kept === undefined ? [] : [['settings', kept]]);
  return {
    get: async (key: string) => values.get(key),
    set: async (key: string, value: unknown) => void values.set(key, value),
  };
}

test('a new device has the shutter for the right hand, the grid and the previous photo', async () => {
  const settings = await SettingsStore.open(storeWith());
  expect(settings.get()).toMatchObject({ hand: 'right', grid: true, ghost: true });
});

test('the hand, the grid and the previous photo stay as chosen after a restart, and screens are notified', async () => {
  const store = storeWith();
  const settings = await SettingsStore.open(store);
  const listener = vi.fn();
  const stop = settings.subscribe(listener);
  settings.change({ hand: 'left' });
  settings.change({ grid: false, ghost: false });
  expect(listener).toHaveBeenCalledTimes(2);
  stop();
  settings.change({ sound: false });
  expect(listener).toHaveBeenCalledTimes(2);
  const chosen = { hand: 'left', grid: false, ghost: false, sound: false, quality: 'normal' };
  expect((await SettingsStore.open(store)).get()).toMatchObject(chosen);
});

test('a value that another version has stored becomes the default, and the others stay', async () => {
  const settings = await SettingsStore.open(storeWith({ hand: 'both', grid: false, future: 1 }));
  expect(settings.get()).toMatchObject({ hand: 'right', grid: false });
  expect((await SettingsStore.open(storeWith('damaged'))).get().hand).toBe('right');
});

test('a setting that cannot be stored applies until the app ends', async () => {
  const store = { get: async () => undefined, set: () => Promise.reject(new Error('full')) };
  const settings = await SettingsStore.open(store);
  settings.change({ hand: 'left' });
  expect(settings.get().hand).toBe('left');
});

test('the language is that of the device unless one is chosen', () => {
  expect([languageOf('system', 'de-AT'), languageOf('system', 'fr'), languageOf('de', 'en-US')]).toEqual([
    'de',
    'en',
    'de',
  ]);
});
