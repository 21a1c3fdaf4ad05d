export type Command =
  | { readonly do: 'step'; readonly by: number }
  | { readonly do: 'first' | 'last' | 'play' }
  /** Zooms by a factor; 0 resets. */
  | { readonly do: 'zoom'; readonly factor: number }
  /** Moves a magnified picture, in parts of the stage. */
  | { readonly do: 'pan'; readonly dx: number; readonly dy: number };

interface Key {
  readonly key: string;
  readonly shiftKey: boolean;
  readonly ctrlKey: boolean;
  readonly altKey: boolean;
  readonly metaKey: boolean;
}

const arrows: Record<string, readonly [number, number]> = {
  ArrowRight: [1, 0],
  ArrowLeft: [-1, 0],
  ArrowUp: [0, 1],
  ArrowDown: [0, -1],
};

/**
 * What a key does, as the pattern of a slider has it; undefined for keys that are the page's or the browser's.
 * A quarter turn has `quarter` slots.
 */
export function commandOf(event: Key, quarter: number, zoomed: boolean): Command | undefined {
  if (event.ctrlKey || event.altKey || event.metaKey) return undefined;
  const arrow = arrows[event.key];
  if (arrow) {
    const [x, y] = arrow;
    if (!event.shiftKey) return { do: 'step', by: x + y };
    return zoomed ? { do: 'pan', dx: -x / 8, dy: y / 8 } : undefined;
  }
  switch (event.key) {
    case 'PageUp':
      return { do: 'step', by: quarter };
    case 'PageDown':
      return { do: 'step', by: -quarter };
    case 'Home':
      return { do: 'first' };
    case 'End':
      return { do: 'last' };
    case ' ':
      return { do: 'play' };
    case '+':
    case '=':
      return { do: 'zoom', factor: 1.5 };
    case '-':
    case '_':
      return { do: 'zoom', factor: 1 / 1.5 };
    case '0':
      return { do: 'zoom', factor: 0 };
    default:
      return undefined;
  }
}
