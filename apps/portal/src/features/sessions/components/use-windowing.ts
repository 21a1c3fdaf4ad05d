import { type FocusEvent, type RefObject, useCallback, useEffect, useLayoutEffect, useRef, useState } from 'react';
import type { SessionLine } from '../session-lines.ts';
import { type RowRange, visibleRows } from '../windowing.ts';

interface Windowed {
  readonly lines: readonly SessionLine[];
  /** Height of a row in rem, which grows with the font size setting. */
  readonly rowRem: number;
  /** Number of cards in a row. */
  readonly columns: number;
  readonly onLookAt: (id: string | null) => void;
  readonly onNearEnd: () => void;
}

/** Older lines are loaded when the rendered rows come this near to the end. */
const near = 30;

/**
 * Renders only the visible part of a long list. The window itself scrolls. All rows have the same height, so positions
 * are known without rendering.
 */
export function useWindowing({ lines, rowRem, columns, onLookAt, onNearEnd }: Windowed) {
  const list = useRef<HTMLElement>(null);
  const rem = useRem();
  const rowHeight = rowRem * rem;
  const rows = Math.ceil(lines.length / columns);
  const [range, setRange] = useState<RowRange>({ first: 0, end: Math.min(rows, 30) });
  const [focused, setFocused] = useState<string | null>(null);

  const measure = useCallback(() => {
    if (!list.current) return;
    const { top } = list.current.getBoundingClientRect();
    const next = visibleRows({ top, height: window.innerHeight, rowHeight, rows });
    setRange((now) => (now.first === next.first && now.end === next.end ? now : next));
  }, [rowHeight, rows]);

  useKeptPlace(list, lines, rowHeight, columns);
  useLayoutEffect(measure, [measure]);
  useEffect(() => {
    window.addEventListener('scroll', measure, { passive: true });
    window.addEventListener('resize', measure);
    return () => {
      window.removeEventListener('scroll', measure);
      window.removeEventListener('resize', measure);
    };
  }, [measure]);

  const middle = lines[Math.floor((range.first + range.end) / 2) * columns]?.id ?? null;
  useEffect(() => onLookAt(middle), [middle, onLookAt]);
  const nearEnd = range.end >= rows - near;
  // biome-ignore lint/correctness/useExhaustiveDependencies: runs again when more lines have arrived and the end is still near
  useEffect(() => {
    if (nearEnd) onNearEnd();
  }, [nearEnd, onNearEnd, rows]);

  const at = focused === null ? -1 : lines.findIndex(({ id }) => id === focused);
  // A row that moves is removed and inserted again, and loses the focus.
  // biome-ignore lint/correctness/useExhaustiveDependencies: runs when the focused line has moved
  useLayoutEffect(() => {
    if (at < 0 || document.activeElement !== document.body) return;
    list.current?.querySelector<HTMLElement>(`[data-line="${focused}"] a`)?.focus({ preventScroll: true });
  }, [at]);

  return {
    list,
    range,
    rows,
    rowHeight,
    /** The focused row, which stays rendered even if it is not visible. */
    keptRow: at < 0 ? null : Math.floor(at / columns),
    focusProps: {
      onFocus: ({ target }: FocusEvent) => setFocused(target.closest('[data-line]')?.getAttribute('data-line') ?? null),
      onBlur: ({ relatedTarget }: FocusEvent) => {
        if (relatedTarget !== null) setFocused(null);
      },
    },
  };
}

/** Pixels of 1 rem. */
function readRem(): number {
  return Number.parseFloat(getComputedStyle(document.documentElement).fontSize) || 16;
}

function useRem(): number {
  const [rem, setRem] = useState(readRem);
  useEffect(() => {
    const update = () => setRem(readRem());
    window.addEventListener('resize', update);
    return () => window.removeEventListener('resize', update);
  }, []);
  return rem;
}

/** Keeps the visible lines in place when lines are added above. */
function useKeptPlace(
  list: RefObject<HTMLElement | null>,
  lines: readonly SessionLine[],
  rowHeight: number,
  columns: number,
): void {
  const before = useRef({ lines, columns });
  useLayoutEffect(() => {
    const { lines: old, columns: oldColumns } = before.current;
    before.current = { lines, columns };
    const top = list.current?.getBoundingClientRect().top ?? 0;
    // At the top of the list, new lines should be visible.
    if (old === lines || oldColumns !== columns || top >= 0) return;
    const was = Math.floor(-top / rowHeight);
    const read = old[was * columns];
    const is = read ? Math.floor(lines.findIndex(({ id }) => id === read.id) / columns) : -1;
    if (is >= 0 && is !== was) window.scrollBy({ top: (is - was) * rowHeight, behavior: 'instant' });
  }, [list, lines, rowHeight, columns]);
}
