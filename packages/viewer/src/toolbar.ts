import { html, setAttribute, svg, write } from './dom.ts';
import type { ViewerState } from './state.ts';
import type { ViewerTexts } from './texts.ts';
import { maxScale } from './zoom.ts';

const icons = {
  previous: 'M15 5l-7 7 7 7',
  next: 'M9 5l7 7-7 7',
  play: 'M8 5v14l11-7z',
  pause: 'M8 5v14M16 5v14',
  zoomIn: 'M12 5v14M5 12h14',
  zoomOut: 'M5 12h14',
  enter: 'M4 9V4h5M20 9V4h-5M4 15v5h5M20 15v5h-5',
  leave: 'M9 4v5H4M15 4v5h5M9 20v-5H4M15 20v-5h5',
} as const;

export interface Commands {
  readonly step: (by: number) => void;
  readonly togglePlay: () => void;
  /** Zooms by a factor. 0 resets the zoom. */
  readonly zoom: (factor: number) => void;
  /** Undefined if the browser does not support full screen. */
  readonly toggleFullScreen?: (() => void) | undefined;
}

interface Button {
  readonly element: HTMLButtonElement;
  readonly path: SVGPathElement;
}

/** The buttons at both sides of the dial. */
export class Toolbar {
  readonly turning: HTMLElement;
  readonly zooming: HTMLElement;
  readonly #texts: ViewerTexts;
  readonly #steps: readonly HTMLButtonElement[];
  readonly #play: Button;
  readonly #zoomIn: Button;
  readonly #zoomOut: Button;
  readonly #level: HTMLButtonElement;
  readonly #full: Button | undefined;

  constructor(texts: ViewerTexts, commands: Commands, signal: AbortSignal) {
    this.#texts = texts;
    const button = (icon: keyof typeof icons, name: string, act: () => void): Button => {
      const path = svg('path', { d: icons[icon] });
      const drawing = svg('svg', { viewBox: '0 0 24 24', 'aria-hidden': 'true', 'data-icon': icon }, path);
      const element = html('button', { type: 'button', part: 'button', 'aria-label': name, title: name }, drawing);
      element.addEventListener('click', act, { signal });
      return { element, path };
    };
    const previous = button('previous', texts.previous, () => commands.step(-1));
    const next = button('next', texts.next, () => commands.step(1));
    this.#play = button('play', texts.play, commands.togglePlay);
    this.#steps = [previous.element, this.#play.element, next.element];
    this.#zoomIn = button('zoomIn', texts.zoomIn, () => commands.zoom(1.5));
    this.#zoomOut = button('zoomOut', texts.zoomOut, () => commands.zoom(1 / 1.5));
    this.#level = html('button', { type: 'button', part: 'button', class: 'level', title: texts.zoomReset });
    this.#level.addEventListener('click', () => commands.zoom(0), { signal });
    const { toggleFullScreen } = commands;
    this.#full = toggleFullScreen && button('enter', texts.fullScreen, toggleFullScreen);
    this.turning = html('div', { class: 'buttons' }, ...this.#steps);
    this.zooming = html('div', { class: 'buttons' }, this.#zoomOut.element, this.#level, this.#zoomIn.element);
    if (this.#full) this.zooming.append(this.#full.element);
  }

  render({ slots, playing, zoom }: ViewerState, fullScreen: boolean): void {
    const texts = this.#texts;
    name(this.#play, playing ? 'pause' : 'play', playing ? texts.pause : texts.play);
    if (this.#full)
      name(this.#full, fullScreen ? 'leave' : 'enter', fullScreen ? texts.leaveFullScreen : texts.fullScreen);
    const level = texts.zoomLevel(Math.round(zoom.scale * 100));
    write(this.#level, level);
    setAttribute(this.#level, 'aria-label', `${level}. ${texts.zoomReset}`);
    for (const step of this.#steps) disable(step, slots.length < 2);
    disable(this.#zoomIn.element, slots.length === 0 || zoom.scale >= maxScale);
    disable(this.#zoomOut.element, zoom.scale <= 1);
  }
}

function name({ element, path }: Button, icon: keyof typeof icons, text: string): void {
  setAttribute(path, 'd', icons[icon]);
  if (path.parentElement) setAttribute(path.parentElement, 'data-icon', icon);
  setAttribute(element, 'aria-label', text);
  setAttribute(element, 'title', text);
}

/** Uses `aria-disabled`, because `disabled` would move the focus to the start of the page while a user holds down a key. */
function disable(button: HTMLButtonElement, disabled: boolean): void {
  setAttribute(button, 'aria-disabled', `${disabled}`);
}
