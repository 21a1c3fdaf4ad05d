import { type FocusEvent, type RefObject, useCallback, useEffect, useLayoutEffect, useRef, useState } from 'react';
import type { SessionLine } from '../session-lines.ts';
import { type RowRange, rowsInSight } from '../windowing.ts';

interface Windowed {
  readonly lines: readonly SessionLine[];
  /** Of one row, in rem: it grows with the size of letters that somebody has set. */
  readonly rowRem: number;
  /** Lines beside each other in a row. */
  readonly columns: number;
  readonly onLookAt: (id: string | null) => void;
  readonly onNearEnd: () => void;
}

const near = 30;

/**
 * Draws of a long list what is in sight. The window itself scrolls; all rows have one height, so that the place of each
 * is known without having been drawn.
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
    const next = rowsInSight({ top, height: window.innerHeight, rowHeight, rows });
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
  // biome-ignore lint/correctness/useExhaustiveDependencies: asks again when more lines have come and it is still near
  useEffect(() => {
    if (nearEnd) onNearEnd();
  }, [nearEnd, onNearEnd, rows]);

  const at = focused === null ? -1 : lines.findIndex(({ id }) => id === focused);
  // A row that changed its place was taken out and put in again by the browser, and lost the focus on the way.
  // biome-ignore lint/correctness/useExhaustiveDependencies: when the line with the focus has another place
  useLayoutEffect(() => {
    if (at < 0 || document.activeElement !== document.body) return;
    list.current?.querySelector<HTMLElement>(`[data-line="${focused}"] a`)?.focus({ preventScroll: true });
  }, [at]);

  return {
    list,
    range,
    rows,
    rowHeight,
    /** The row that has the focus and stays although it is out of sight. */
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

/** Lines that come in above do not push away what somebody reads further down. */
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
    // At the top of the list, what is new is what one wants to see.
    if (old === lines || oldColumns !== columns || top >= 0) return;
    const was = Math.floor(-top / rowHeight);
    const read = old[was * columns];
    const is = read ? Math.floor(lines.findIndex(({ id }) => id === read.id) / columns) : -1;
    if (is >= 0 && is !== was) window.scrollBy({ top: (is - was) * rowHeight, behavior: 'instant' });
  }, [list, lines, rowHeight, columns]);
}
