export type Command =
  | { readonly do: 'step'; readonly by: number }
  | { readonly do: 'first' | 'last' | 'play' }
  /** Zooms by a factor. 0 resets the zoom. */
  | { readonly do: 'zoom'; readonly factor: number }
  /** Pans a zoomed picture, in fractions of the stage. */
  | { readonly do: 'pan'; readonly dx: number; readonly dy: number };

/** The action of a key. `ViewerTexts` has the descriptions. */
export type KeyAction = 'turn' | 'quarter' | 'ends' | 'play' | 'zoom' | 'reset' | 'pan';

/** A group of keys. The key handler and the help both use this table. */
export interface ViewerKeys {
  readonly action: KeyAction;
  /** The key labels. */
  readonly names: readonly string[];
  /** Whether Shift must be pressed. Undefined if it does not matter: some keyboards need it to type `+` or `0`. */
  readonly shift?: boolean;
  /** Commands by `KeyboardEvent.key`. A quarter turn has `quarter` slots. */
  readonly commands: Readonly<Record<string, Command | ((quarter: number) => Command)>>;
}

const step = (by: number): Command => ({ do: 'step', by });
const zoom = (factor: number): Command => ({ do: 'zoom', factor });
const pan = (x: number, y: number): Command => ({ do: 'pan', dx: x / 8, dy: y / 8 });

export const viewerKeys: readonly ViewerKeys[] = [
  {
    action: 'turn',
    names: ['←', '→'],
    shift: false,
    commands: { ArrowRight: step(1), ArrowLeft: step(-1), ArrowUp: step(1), ArrowDown: step(-1) },
  },
  {
    action: 'quarter',
    names: ['Page Up', 'Page Down'],
    commands: { PageUp: (quarter) => step(quarter), PageDown: (quarter) => step(-quarter) },
  },
  { action: 'ends', names: ['Home', 'End'], commands: { Home: { do: 'first' }, End: { do: 'last' } } },
  { action: 'play', names: ['Space'], commands: { ' ': { do: 'play' } } },
  {
    action: 'zoom',
    names: ['+', '-'],
    commands: { '+': zoom(1.5), '=': zoom(1.5), '-': zoom(1 / 1.5), _: zoom(1 / 1.5) },
  },
  { action: 'reset', names: ['0'], commands: { '0': zoom(0) } },
  {
    action: 'pan',
    names: ['Shift + ←', '→', '↑', '↓'],
    shift: true,
    commands: { ArrowRight: pan(-1, 0), ArrowLeft: pan(1, 0), ArrowUp: pan(0, 1), ArrowDown: pan(0, -1) },
  },
];

interface Key {
  readonly key: string;
  readonly shiftKey: boolean;
  readonly ctrlKey: boolean;
  readonly altKey: boolean;
  readonly metaKey: boolean;
}

/** The command of a key, following the ARIA slider pattern. Undefined for keys of the page or the browser. */
export function commandOf(event: Key, quarter: number, zoomed: boolean): Command | undefined {
  if (event.ctrlKey || event.altKey || event.metaKey) return undefined;
  const keys = viewerKeys.find(
    ({ shift, commands }) => Object.hasOwn(commands, event.key) && (shift ?? event.shiftKey) === event.shiftKey,
  );
  if (!keys || (keys.action === 'pan' && !zoomed)) return undefined;
  const command = keys.commands[event.key];
  return typeof command === 'function' ? command(quarter) : command;
}
