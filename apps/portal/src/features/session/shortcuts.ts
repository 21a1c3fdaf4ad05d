export type Shortcut = 'next' | 'previous' | 'publish' | 'zoom' | 'view' | 'leave' | 'help';

interface ShortcutKeys {
  readonly shortcut: Shortcut;
  /** The browser's names of the keys, in lower case. */
  readonly keys: readonly string[];
  /** The labels of the keys. */
  readonly names: readonly string[];
  /** Works even if the letter keys are off. */
  readonly always?: boolean;
}

/** All keys of the page, for the handler and the help. The texts are in `reviewTexts.keys.does`. */
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
 * The action of a key; undefined for keys of the browser and for keys that were already handled.
 * @param letters whether all shortcuts are enabled, or only those that always work
 */
export function shortcutOf(event: Pressed, letters = true): Shortcut | undefined {
  if (event.ctrlKey || event.altKey || event.metaKey || event.defaultPrevented) return undefined;
  const found = shortcutKeys.find(({ keys }) => keys.includes(event.key.toLowerCase()));
  return found && (letters || found.always) ? found.shortcut : undefined;
}

/** Elements in which letters and arrow keys have their own meaning. */
const typingPlaces =
  'input:not([type=checkbox]):not([type=button]), textarea, select, [contenteditable], [role=menu], [role=listbox]';

/** Whether the focused element handles keys: a text field, or a dialog other than the large picture. */
export function hasOwnKeys(target: Element): boolean {
  if (target.closest(typingPlaces)) return true;
  return target.closest('[role=dialog]') !== null && target.closest('.yarl__root') === null;
}
