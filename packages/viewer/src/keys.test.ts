import { expect, test } from 'vitest';
import { commandOf } from './keys.ts';

const press = (key: string, modifiers: { shiftKey?: boolean; ctrlKey?: boolean } = {}, zoomed = false) =>
  commandOf({ key, shiftKey: false, ctrlKey: false, altKey: false, metaKey: false, ...modifiers }, 6, zoomed);

test.each([
  ['ArrowRight', { do: 'step', by: 1 }],
  ['ArrowUp', { do: 'step', by: 1 }],
  ['ArrowLeft', { do: 'step', by: -1 }],
  ['ArrowDown', { do: 'step', by: -1 }],
  ['PageUp', { do: 'step', by: 6 }],
  ['PageDown', { do: 'step', by: -6 }],
  ['Home', { do: 'first' }],
  ['End', { do: 'last' }],
  [' ', { do: 'play' }],
  ['+', { do: 'zoom', factor: 1.5 }],
  ['-', { do: 'zoom', factor: 1 / 1.5 }],
  ['0', { do: 'zoom', factor: 0 }],
])('maps %s to its command', (key, command) => {
  expect(press(key)).toEqual(command);
});

test('ignores keys that belong to the page or to the browser', () => {
  for (const key of ['j', 'p', 'z', '?', 'Tab', 'Enter', 'Escape']) expect(press(key)).toBeUndefined();
  expect(press('ArrowLeft', { ctrlKey: true })).toBeUndefined();
  expect(press('0', { ctrlKey: true })).toBeUndefined();
});

test('pans with Shift and an arrow key only while zoomed in', () => {
  expect(press('ArrowRight', { shiftKey: true })).toBeUndefined();
  expect(press('ArrowRight', { shiftKey: true }, true)).toEqual({ do: 'pan', dx: -1 / 8, dy: 0 });
});
