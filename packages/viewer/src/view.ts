import { Dial } from './dial.ts';
import { html, setAttribute } from './dom.ts';
import { viewerKeys } from './keys.ts';
import { Notices, type OriginalState, spokenFrame } from './notices.ts';
import { Stage } from './stage.ts';
import { currentSlot, isGap, type ViewerState } from './state.ts';
import { viewerStyles } from './styles.ts';
import type { ViewerTexts } from './texts.ts';
import { type Commands, Toolbar } from './toolbar.ts';
import type { Turntable } from './turntable.ts';

/** Renders the state, including the texts for screen readers. */
export class View {
  /** The slider, which receives drags, focus and keys. */
  readonly slider: HTMLElement;
  readonly stage = new Stage();
  readonly notices: Notices;
  readonly #root: ShadowRoot;
  readonly #texts: ViewerTexts;
  readonly #dial: Dial;
  readonly #toolbar: Toolbar;
  #rendered: { state: ViewerState; index: number; original: OriginalState; full: boolean } | undefined;

  constructor(
    root: ShadowRoot,
    texts: ViewerTexts,
    turntable: Turntable,
    commands: Commands & { turnTo: (angle: number, done: boolean) => void },
    signal: AbortSignal,
  ) {
    this.#root = root;
    this.#texts = texts;
    this.notices = new Notices(texts);
    this.#dial = new Dial(texts, turntable, commands.turnTo, signal);
    this.#toolbar = new Toolbar(texts, commands, signal);
    const help = viewerKeys.map(({ names, action }) => `${names.join(' ')}: ${texts.keys[action]}`).join('. ');
    const hint = html('div', { class: 'visually-hidden', id: 'hint' }, help);
    this.slider = html(
      'div',
      {
        class: 'view',
        part: 'stage',
        role: 'slider',
        tabindex: 0,
        'aria-label': texts.view,
        'aria-describedby': 'hint',
        'aria-valuemin': 0,
      },
      this.stage.scene,
    );
    const { turning, zooming } = this.#toolbar;
    const bar = html(
      'div',
      { class: 'bar', part: 'bar', role: 'group', 'aria-label': texts.controls },
      turning,
      this.#dial.element,
      zooming,
    );
    const stage = html('div', { class: 'stage' }, this.slider, ...this.notices.elements);
    root.adoptedStyleSheets = [viewerStyles()];
    root.replaceChildren(html('div', { class: 'frame' }, stage, bar), hint, this.notices.live);
  }

  render(state: ViewerState, picture: ImageBitmap | undefined, original: OriginalState, full: boolean): void {
    const { slider } = this;
    const index = currentSlot(state);
    const slot = state.slots[index];
    this.stage.draw(picture);
    this.#dial.point(state.angle);
    const before = this.#rendered;
    this.#rendered = { state, index, original, full };
    // Most movements of a drag stay within a frame. The rest is only needed when the frame changes.
    if (
      before &&
      before.index === index &&
      before.state.slots === state.slots &&
      before.state.zoom === state.zoom &&
      before.state.playing === state.playing &&
      before.original === original &&
      before.full === full
    )
      return;
    this.stage.setZoom(state.zoom);
    slider.toggleAttribute('data-zoomed', state.zoom.scale > 1);
    slider.toggleAttribute('data-gap', slot !== undefined && isGap(slot));
    setAttribute(slider, 'aria-valuemax', state.slots.at(-1)?.frame.angle_deg ?? 0);
    // Not during playback, because screen readers could not keep up with the values.
    if (!state.playing) {
      setAttribute(slider, 'aria-valuenow', slot?.frame.angle_deg ?? 0);
      setAttribute(slider, 'aria-valuetext', spokenFrame(state, this.#texts));
    }
    this.notices.render(state, original);
    this.#dial.render(state);
    this.#toolbar.render(state, full);
  }

  close(): void {
    this.stage.close();
    this.notices.close();
    this.#root.replaceChildren();
  }
}
