import { html, setAttribute, svg, write } from './dom.ts';
import { drawMark, mark } from './marks.ts';
import { currentSlot, isGap, progressOf, type SlotStatus, shownSlot, statusOf, type ViewerState } from './state.ts';
import type { ViewerTexts } from './texts.ts';

/** The state of the original photo while zoomed in. */
export type OriginalState = 'none' | 'loading' | 'shown';

/** The texts over the picture, and those for screen readers. */
export class Notices {
  readonly elements: HTMLElement[];
  readonly live = html('div', { class: 'visually-hidden', role: 'status' });
  readonly #texts: ViewerTexts;
  readonly #mark = mark();
  readonly #status = html('span');
  readonly #label = html('span', { class: 'label' });
  readonly #verdict: HTMLElement;
  readonly #loading = html('div', { class: 'chip loading' });
  readonly #bridge = html('div', { class: 'chip bridge', part: 'notice' });
  readonly #empty = html('div', { class: 'empty' });
  #shape: SlotStatus | undefined;
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(texts: ViewerTexts) {
    this.#texts = texts;
    const icon = svg('svg', { viewBox: '-8 -8 16 16', 'aria-hidden': 'true' }, this.#mark);
    this.#verdict = html('div', { class: 'chip verdict', part: 'verdict' }, icon, this.#status, this.#label);
    this.elements = [this.#verdict, this.#loading, this.#bridge, this.#empty];
  }

  render(state: ViewerState, original: OriginalState): void {
    const texts = this.#texts;
    const slot = state.slots[currentSlot(state)];
    const shown = state.slots[shownSlot(state)];
    const { ready, open } = progressOf(state);
    this.#verdict.hidden = !slot;
    if (slot) {
      const status = statusOf(slot);
      if (status !== this.#shape) drawMark(this.#mark, status);
      this.#shape = status;
      setAttribute(this.#verdict, 'data-status', status);
      write(this.#status, texts.status[status]);
      write(this.#label, slot.frame.label ?? '');
    }
    const level = { none: '', loading: texts.loadingOriginal, shown: texts.original }[original];
    show(this.#loading, open > 0 ? texts.loading(ready, ready + open) : level);
    const bridged = slot && shown && isGap(slot);
    show(this.#bridge, bridged ? texts.bridged(statusOf(slot), slot.frame.angle_deg, shown.frame.angle_deg) : '');
    show(this.#empty, slot ? (shown || open > 0 ? '' : texts.noPicture) : texts.empty);
  }

  /** Announces a text to screen readers after `quietMs`. A text that follows within this time replaces it. */
  announce(text: string, quietMs: number): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => write(this.live, text), quietMs);
  }

  close(): void {
    clearTimeout(this.#timer);
  }
}

function show(element: HTMLElement, text: string): void {
  element.hidden = text === '';
  write(element, text);
}

/** The screen reader text of the current frame: `135 degrees, passed`. */
export function spokenFrame(state: ViewerState, texts: ViewerTexts): string {
  const slot = state.slots[currentSlot(state)];
  if (!slot) return texts.empty;
  const shown = state.slots[shownSlot(state)];
  const words = [texts.spokenAngle(slot.frame.angle_deg), texts.status[statusOf(slot)].toLocaleLowerCase()];
  if (slot.frame.label) words.push(slot.frame.label);
  if (isGap(slot) && shown) words.push(texts.showing(shown.frame.angle_deg));
  return words.join(', ');
}
