export interface GestureHandlers {
  /** A pointer is down. */
  readonly grab: () => void;
  /** The pointer moved by dx, dy pixels since the last call. `time` is in ms, like `Event.timeStamp`. */
  readonly drag: (dx: number, dy: number, time: number) => void;
  /** A drag ended. */
  readonly release: (time: number) => void;
  /** Two fingers changed their distance by the factor `ratio`. Their midpoint moved by dx, dy to x, y (client pixels). */
  readonly pinch: (ratio: number, x: number, y: number, dx: number, dy: number) => void;
  readonly doubleTap: (x: number, y: number) => void;
  /** Whether vertical movements of a finger are also drags. Otherwise they scroll the page. */
  readonly takesAll: () => boolean;
}

interface Point {
  readonly x: number;
  readonly y: number;
}

const tapMs = 300;
const tapPx = 24;

/** Recognizes drags, pinches and double taps. Vertical touches scroll the page (with `touch-action: pan-y`). */
export function watchGestures(target: HTMLElement, handlers: GestureHandlers, signal: AbortSignal): void {
  const pointers = new Map<number, Point>();
  let mode: 'idle' | 'undecided' | 'drag' | 'pinch' = 'idle';
  let last: Point = { x: 0, y: 0 };
  let tap: (Point & { readonly time: number }) | undefined;

  const span = () => {
    const [a, b] = [...pointers.values()];
    if (!a || !b) return undefined;
    return { x: (a.x + b.x) / 2, y: (a.y + b.y) / 2, length: Math.max(1, Math.hypot(a.x - b.x, a.y - b.y)) };
  };

  const down = (event: PointerEvent) => {
    if (event.button !== 0 || pointers.size === 2) return;
    pointers.set(event.pointerId, { x: event.clientX, y: event.clientY });
    last = { x: event.clientX, y: event.clientY };
    if (pointers.size === 2) {
      if (mode === 'drag') handlers.release(event.timeStamp);
      mode = 'pinch';
      for (const id of pointers.keys()) target.setPointerCapture(id);
    } else {
      mode = 'undecided';
      handlers.grab();
    }
  };

  const move = (event: PointerEvent) => {
    if (!pointers.has(event.pointerId)) return;
    const before = span();
    pointers.set(event.pointerId, { x: event.clientX, y: event.clientY });
    const after = span();
    if (mode === 'pinch' && before && after) {
      handlers.pinch(after.length / before.length, after.x, after.y, after.x - before.x, after.y - before.y);
      return;
    }
    const dx = event.clientX - last.x;
    const dy = event.clientY - last.y;
    if (mode === 'undecided') {
      if (Math.hypot(dx, dy) < (event.pointerType === 'mouse' ? 3 : 8)) return;
      if (!handlers.takesAll() && event.pointerType !== 'mouse' && Math.abs(dy) > Math.abs(dx)) return;
      mode = 'drag';
      target.setPointerCapture(event.pointerId);
    }
    if (mode !== 'drag') return;
    last = { x: event.clientX, y: event.clientY };
    handlers.drag(dx, dy, event.timeStamp);
  };

  const up = (event: PointerEvent) => {
    if (!pointers.delete(event.pointerId)) return;
    if (mode === 'drag') handlers.release(event.timeStamp);
    if (mode === 'undecided' && event.type !== 'pointercancel') tapped(event);
    // After a pinch, the remaining finger does nothing until it is lifted.
    mode = 'idle';
  };

  const tapped = ({ clientX: x, clientY: y, timeStamp: time }: PointerEvent) => {
    const second = tap && time - tap.time < tapMs && Math.hypot(x - tap.x, y - tap.y) < tapPx;
    tap = second ? undefined : { x, y, time };
    if (second) handlers.doubleTap(x, y);
  };

  target.addEventListener('pointerdown', down, { signal });
  target.addEventListener('pointermove', move, { signal });
  target.addEventListener('pointerup', up, { signal });
  target.addEventListener('pointercancel', up, { signal });
}
