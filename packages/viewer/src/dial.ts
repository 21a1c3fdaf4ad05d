import { html, setAttribute, svg, write } from './dom.ts';
import { drawMark, mark } from './marks.ts';
import { currentSlot, isGap, type Slot, statusOf, type ViewerState } from './state.ts';
import type { ViewerTexts } from './texts.ts';
import type { Turntable } from './turntable.ts';

const width = 320;
const height = 132;
const middle = { x: 160, y: 66 };
const radius = { x: 144, y: 51 };

interface SlotElements {
  readonly title: SVGTitleElement;
  readonly path: SVGPathElement;
  readonly track: SVGPathElement;
}

/** A turntable seen from the camera, with 0 degrees in front. Each slot has a mark. A slot with no picture has no track. */
export class Dial {
  readonly element: HTMLElement;
  readonly #svg = svg('svg', { viewBox: `0 0 ${width} ${height}`, 'aria-hidden': 'true' });
  readonly #tracks = svg('g');
  readonly #marks = svg('g');
  readonly #cursor = html('div', { class: 'cursor' });
  readonly #angle = html('span', { class: 'angle', part: 'angle' });
  readonly #position = html('span', { class: 'position' });
  readonly #texts: ViewerTexts;
  /** The side of 90 degrees: 1 is right, -1 is left. */
  readonly #side: 1 | -1;
  #slotElements: SlotElements[] = [];
  #slots: readonly Slot[] | undefined;
  #current = -2;

  constructor(
    texts: ViewerTexts,
    turntable: Turntable,
    turnTo: (angle: number, done: boolean) => void,
    signal: AbortSignal,
  ) {
    this.#texts = texts;
    this.#side = turntable === 'clockwise' ? 1 : -1;
    this.#svg.append(this.#tracks, this.#marks);
    this.element = html(
      'div',
      { class: 'dial', part: 'dial' },
      this.#svg,
      this.#cursor,
      html('div', { class: 'reading' }, this.#angle, this.#position),
    );
    let held = false;
    let angle = 0;
    const turn = (event: PointerEvent, done: boolean) => {
      const box = this.#svg.getBoundingClientRect();
      const x = ((event.clientX - box.left) / box.width) * width - middle.x;
      const y = ((event.clientY - box.top) / box.height) * height - middle.y;
      angle = (this.#side * Math.atan2(x / radius.x, y / radius.y) * 180) / Math.PI;
      turnTo(angle, done);
    };
    const on = (
      type: 'pointerdown' | 'pointermove' | 'pointerup' | 'pointercancel',
      react: (e: PointerEvent) => void,
    ) => this.#svg.addEventListener(type, react, { signal });
    on('pointerdown', (event) => {
      if (event.button !== 0) return;
      held = true;
      this.#svg.setPointerCapture(event.pointerId);
      turn(event, false);
    });
    on('pointermove', (event) => held && turn(event, false));
    on('pointerup', (event) => {
      if (held) turn(event, true);
      held = false;
    });
    on('pointercancel', () => {
      if (held) turnTo(angle, true);
      held = false;
    });
  }

  render(state: ViewerState): void {
    if (state.slots !== this.#slots) this.#renderSlots(state.slots);
    const current = currentSlot(state);
    const slot = state.slots[current];
    if (current !== this.#current) {
      this.#slotElements[this.#current]?.path.removeAttribute('data-current');
      this.#slotElements[current]?.path.setAttribute('data-current', '');
      this.#current = current;
    }
    this.#cursor.hidden = !slot;
    write(this.#angle, slot ? this.#texts.angle(slot.frame.angle_deg) : '');
    write(this.#position, slot ? this.#texts.position(current + 1, state.slots.length) : '');
  }

  /** Moves the ring around the current mark. It is a separate layer, so the compositor moves it without repainting. */
  point(angle: number): void {
    const { x, y } = pointAt(this.#side * angle);
    this.#cursor.style.transform = `translate(${((100 * x) / width).toFixed(2)}cqw,${((100 * y) / width).toFixed(2)}cqw)`;
  }

  #renderSlots(slots: readonly Slot[]): void {
    const same =
      slots.length === this.#slotElements.length &&
      slots.every((slot, i) => slot.frame.angle_deg === this.#slots?.[i]?.frame.angle_deg);
    this.#slots = slots;
    if (!same) this.#createSlotElements(slots);
    slots.forEach((slot, i) => {
      const elements = this.#slotElements[i];
      if (!elements) return;
      const status = statusOf(slot);
      const loading = slot.picture === 'waiting' || slot.picture === 'loading';
      drawMark(elements.path, status);
      setAttribute(elements.path, 'data-loading', `${loading}`);
      setAttribute(elements.track, 'data-gap', `${isGap(slot)}`);
      const words = [this.#texts.angle(slot.frame.angle_deg), this.#texts.status[status], slot.frame.label];
      elements.title.textContent = words.filter(Boolean).join(' · ');
      elements.path.append(elements.title);
    });
  }

  #createSlotElements(slots: readonly Slot[]): void {
    this.#current = -2;
    this.#slotElements = slots.map(({ frame: { angle_deg } }, i) => {
      const before = slots.at(i - 1)?.frame.angle_deg ?? angle_deg;
      const after = slots[(i + 1) % slots.length]?.frame.angle_deg ?? angle_deg;
      const from = angle_deg - ((angle_deg - before + 360) % 360 || 360) / 2;
      const to = angle_deg + ((after - angle_deg + 360) % 360 || 360) / 2;
      const { x, y } = pointAt(this.#side * angle_deg);
      const path = mark();
      path.setAttribute('transform', `translate(${x.toFixed(1)} ${y.toFixed(1)})`);
      return {
        path,
        title: svg('title'),
        track: svg('path', { class: 'track', d: arc(this.#side * from, this.#side * to) }),
      };
    });
    this.#tracks.replaceChildren(...this.#slotElements.map(({ track }) => track));
    this.#marks.replaceChildren(...this.#slotElements.map(({ path }) => path));
  }
}

function pointAt(angle: number): { x: number; y: number } {
  const a = (angle * Math.PI) / 180;
  return { x: middle.x + radius.x * Math.sin(a), y: middle.y + radius.y * Math.cos(a) };
}

/** An arc of the ellipse as lines of at most 5 degrees. */
function arc(from: number, to: number): string {
  const steps = Math.max(2, Math.ceil(Math.abs(to - from) / 5));
  return Array.from({ length: steps + 1 }, (_, k) => {
    const { x, y } = pointAt(from + ((to - from) * k) / steps);
    return `${k === 0 ? 'M' : 'L'}${x.toFixed(1)} ${y.toFixed(1)}`;
  }).join('');
}
