export type Shortcut = 'next' | 'previous' | 'publish' | 'zoom' | 'view' | 'leave' | 'help';

interface ShortcutKeys {
  readonly shortcut: Shortcut;
  /** By the browser's names, in small letters. */
  readonly keys: readonly string[];
  /** As they are written on the keys. */
  readonly names: readonly string[];
  /** Works also for those who turned the letters off. */
  readonly always?: boolean;
}

/** All keys of the page. The handler and the help read this table; the words are in `reviewTexts.keys.does`. */
export const shortcutKeys: readonly ShortcutKeys[] = [
  { shortcut: 'next', keys: ['j', 'arrowright'], names: ['J', '→'] },
  { shortcut: 'previous', keys: ['k', 'arrowleft'], names: ['K', '←'] },
  { shortcut: 'publish', keys: ['p'], names: ['P'] },
  { shortcut: 'zoom', keys: ['z'], names: ['Z'] },
  { shortcut: 'view', keys: ['v'], names: ['V'] },
  { shortcut: 'leave', keys: ['escape'], names: ['Esc'], always: true },
  { shortcut: 'help', keys: ['?'], names: ['?'], always: true },
];

interface Pressed {
  readonly key: string;
  readonly ctrlKey: boolean;
  readonly altKey: boolean;
  readonly metaKey: boolean;
  readonly defaultPrevented: boolean;
}

/**
 * What a key asks for; undefined for those that are the browser's, or that something else has answered already.
 * @param letters whether all shortcuts are wanted, or only those that always work
 */
export function shortcutOf(event: Pressed, letters = true): Shortcut | undefined {
  if (event.ctrlKey || event.altKey || event.metaKey || event.defaultPrevented) return undefined;
  const found = shortcutKeys.find(({ keys }) => keys.includes(event.key.toLowerCase()));
  return found && (letters || found.always) ? found.shortcut : undefined;
}

/** Where letters and arrows mean something of their own. */
const typingPlaces =
  'input:not([type=checkbox]):not([type=button]), textarea, select, [contenteditable], [role=menu], [role=listbox]';

/** Whether the keys belong to what has the focus: a place to type in, or a dialog other than the large picture. */
export function hasOwnKeys(target: Element): boolean {
  if (target.closest(typingPlaces)) return true;
  return target.closest('[role=dialog]') !== null && target.closest('.yarl__root') === null;
}
