import { svg } from './dom.ts';
import type { SlotStatus } from './state.ts';

const ring = 'M-4.5 0a4.5 4.5 0 1 0 9 0a4.5 4.5 0 1 0-9 0';

/** Each status has a distinct shape, so that none depends on colour alone. About 10 units wide, centred at 0,0. */
const shapes: Record<SlotStatus, string> = {
  pass: 'M-5 0a5 5 0 1 0 10 0a5 5 0 1 0-10 0',
  warn: 'M0-5.8L6 4.6H-6Z',
  fail: 'M-5.2-3L-3-5.2L0-2.2L3-5.2L5.2-3L2.2 0L5.2 3L3 5.2L0 2.2L-3 5.2L-5.2 3L-2.2 0Z',
  pending: `${ring}M0-2.4V0H1.8`,
  missing: ring,
  unreachable: `${ring}M-3.2 3.2L3.2-3.2`,
};

export function mark(): SVGPathElement {
  return svg('path', { class: 'mark' });
}

export function drawMark(path: SVGPathElement, status: SlotStatus): void {
  path.setAttribute('d', shapes[status]);
  path.setAttribute('data-status', status);
}
