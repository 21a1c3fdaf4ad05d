import { expect, it } from 'vitest';
import { shortcutKeys, shortcutOf } from './shortcuts.ts';

const press = (key: string, more: object = {}) =>
  shortcutOf({ key, ctrlKey: false, altKey: false, metaKey: false, defaultPrevented: false, ...more });

it('accepts letters in both cases, and the left and right arrows', () => {
  expect(['j', 'J', 'ArrowRight', 'k', 'ArrowLeft', 'p', 'Z', 'v', 'Escape', '?'].map((key) => press(key))).toEqual([
    'next',
    'next',
    'next',
    'previous',
    'previous',
    'publish',
    'zoom',
    'view',
    'leave',
    'help',
  ]);
  expect(['ArrowDown', 'Enter', ' ', 'x', 'toString'].map((key) => press(key))).toEqual(Array.from({ length: 5 }));
});

it('ignores browser shortcuts and keys that were already handled', () => {
  expect(press('p', { ctrlKey: true })).toBeUndefined();
  expect(press('v', { metaKey: true })).toBeUndefined();
  expect(press('ArrowLeft', { altKey: true })).toBeUndefined();
  expect(press('ArrowRight', { defaultPrevented: true })).toBeUndefined();
});

it('keeps help and back if the letter keys are off', () => {
  const working = shortcutKeys.filter(({ keys }) => {
    const [key = ''] = keys;
    return shortcutOf({ key, ctrlKey: false, altKey: false, metaKey: false, defaultPrevented: false }, false);
  });
  expect(working.map(({ shortcut }) => shortcut)).toEqual(['leave', 'help']);
});
