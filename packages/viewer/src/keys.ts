export type Command =
  | { readonly do: 'step'; readonly by: number }
  | { readonly do: 'first' | 'last' | 'play' }
  /** Zooms by a factor; 0 resets. */
  | { readonly do: 'zoom'; readonly factor: number }
  /** Moves a magnified picture, in parts of the stage. */
  | { readonly do: 'pan'; readonly dx: number; readonly dy: number };

/** What a key is for; the viewer's texts have the words. */
export type KeyAction = 'turn' | 'quarter' | 'ends' | 'play' | 'zoom' | 'reset' | 'pan';

/** Some keys that belong together. The handler and every help read this table. */
export interface ViewerKeys {
  readonly action: KeyAction;
  /** As they are written on the keys. */
  readonly names: readonly string[];
  /** With the shift key or without it; undefined where a keyboard may need it to type the sign. */
  readonly shift?: boolean;
  /** By the browser's name of the key. A quarter turn has `quarter` slots. */
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

/** What a key does, as the pattern of a slider has it; undefined for keys that are the page's or the browser's. */
export function commandOf(event: Key, quarter: number, zoomed: boolean): Command | undefined {
  if (event.ctrlKey || event.altKey || event.metaKey) return undefined;
  const keys = viewerKeys.find(
    ({ shift, commands }) => Object.hasOwn(commands, event.key) && (shift ?? event.shiftKey) === event.shiftKey,
  );
  if (!keys || (keys.action === 'pan' && !zoomed)) return undefined;
  const command = keys.commands[event.key];
  return typeof command === 'function' ? command(quarter) : command;
}
