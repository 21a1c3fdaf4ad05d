export type Shortcut = 'next' | 'previous' | 'publish' | 'zoom' | 'view' | 'help';

interface Pressed {
  readonly key: string;
  readonly ctrlKey: boolean;
  readonly altKey: boolean;
  readonly metaKey: boolean;
  readonly defaultPrevented: boolean;
}

const keys: Readonly<Record<string, Shortcut>> = {
  j: 'next',
  arrowright: 'next',
  k: 'previous',
  arrowleft: 'previous',
  p: 'publish',
  z: 'zoom',
  v: 'view',
  '?': 'help',
};

/** What a key asks for; undefined for those that are the browser's, or that somebody else has answered already. */
export function shortcutOf(event: Pressed): Shortcut | undefined {
  if (event.ctrlKey || event.altKey || event.metaKey || event.defaultPrevented) return undefined;
  return keys[event.key.toLowerCase()];
}

/** Where letters and arrows mean something of their own. */
export const typingPlaces =
  'input:not([type=checkbox]):not([type=button]), textarea, select, [contenteditable], [role=menu], [role=listbox]';
