import { nearest } from './circle.ts';
import type { Emit } from './events.ts';
import { pictureKey, type ViewerFrame } from './frames.ts';
import { watchGestures } from './gestures.ts';
import { type Command, commandOf } from './keys.ts';
import { nextToLoad } from './loading-order.ts';
import { Motion } from './motion.ts';
import type { OriginalState } from './notices.ts';
import { Pictures } from './pictures.ts';
import { type Sharpness, sharpnessFor } from './sharpness.ts';
import {
  type Action,
  currentSlot,
  initialState,
  isTurnable,
  progressOf,
  reduce,
  shownSlot,
  type ViewerState,
} from './state.ts';
import type { ViewerTexts } from './texts.ts';
import type { Turntable } from './turntable.ts';
import { View } from './view.ts';
import { pan, unzoomed, zoomAt } from './zoom.ts';

/** Only a few, so that the first pictures appear sooner and the page's other requests do not wait. */
const parallelLoads = 4;
/** After the spin has stopped for this long, the sharper picture of the frame is loaded. */
const restMs = 160;
/** Progress is announced after this long without a change, so that 24 arriving frames give one announcement. */
const arrivalsQuietMs = 5000;
const zoomQuietMs = 500;
/** The zoom factor of a double tap and of `toggleZoom`. */
const doubleTapZoom = 2.5;
/** The rotation of a drag across the full width of the stage, in degrees. */
const degreesPerWidth = 180;

/** A URL, or a function that resolves with it. */
type PictureSource = string | (() => Promise<string>);

export interface ViewerOptions {
  readonly host: HTMLElement;
  readonly root: ShadowRoot;
  readonly texts: ViewerTexts;
  readonly angle: number;
  readonly turntable: Turntable;
  /** Starts to turn as soon as possible, unless the user prefers reduced motion. */
  readonly autoplay: boolean;
  readonly emit: Emit;
}

/** A viewer in a shadow root. Holds decoded pictures, timers and listeners until `close`. */
export class Viewer {
  readonly #options: ViewerOptions;
  readonly #pictures = new Pictures();
  readonly #view: View;
  readonly #motion: Motion;
  readonly #closing = new AbortController();
  readonly #reducedMotion = matchMedia('(prefers-reduced-motion: reduce)');
  /** The source of each sharper picture that failed. Another source is tried. */
  readonly #failed = new Map<string, PictureSource>();
  #state: ViewerState;
  #drawn: { slot: number; degrees: number; angle: number; sharp: string } | undefined;
  #frame: number | undefined;
  #rest: ReturnType<typeof setTimeout> | undefined;
  #original: OriginalState = 'none';
  #held = false;
  #turnable = false;
  #complete = true;

  constructor(options: ViewerOptions) {
    this.#options = options;
    this.#state = initialState(options.angle);
    const { signal } = this.#closing;
    const { host, root, texts, turntable } = options;
    this.#motion = new Motion({
      angle: () => this.#state.angle,
      turn: (angle) => this.#dispatch({ type: 'turn', angle }),
      rest: (angle) => this.#state.slots[this.#nearest(angle)]?.frame.angle_deg ?? angle,
      step: () => this.#dispatch({ type: 'step', by: 1 }),
    });
    this.#view = new View(
      root,
      texts,
      turntable,
      {
        step: (by) => this.#execute({ do: 'step', by }),
        togglePlay: () => this.#execute({ do: 'play' }),
        zoom: (factor) => this.#execute({ do: 'zoom', factor }),
        turnTo: (angle, done) => this.#turnByDial(angle, done),
        toggleFullScreen: document.fullscreenEnabled ? () => this.#toggleFullScreen() : undefined,
      },
      signal,
    );
    this.#listen(host, signal);
    this.#request();
  }

  get angle(): number {
    return this.#state.slots[currentSlot(this.#state)]?.frame.angle_deg ?? this.#state.angle;
  }

  get playing(): boolean {
    return this.#state.playing;
  }

  setFrames(frames: readonly ViewerFrame[]): void {
    this.#dispatch({ type: 'frames', frames });
    this.#pictures.keep(new Set(this.#state.slots.map((slot) => pictureKey(slot.frame))));
    this.#load();
    this.#sharpenLater(true);
  }

  turnTo(angle: number): void {
    this.pause();
    this.#dispatch({ type: 'turn', angle: this.#state.slots[this.#nearest(angle)]?.frame.angle_deg ?? angle });
  }

  step(by: number): void {
    this.#execute({ do: 'step', by });
  }

  toggleZoom(): void {
    this.#zoom(this.#state.zoom.scale > 1 ? 0 : doubleTapZoom);
  }

  play(): void {
    this.#dispatch({ type: 'zoom', zoom: unzoomed });
    this.#dispatch({ type: 'settle' });
    this.#dispatch({ type: 'play', on: true });
    if (this.#state.playing) this.#motion.play();
  }

  /** Stops playback and a glide. */
  pause(): void {
    this.#motion.halt();
    if (this.#state.playing) this.#dispatch({ type: 'play', on: false });
  }

  /** Releases pictures, timers and listeners, and stops running loads. */
  close(): void {
    this.#closing.abort();
    this.#motion.halt();
    clearTimeout(this.#rest);
    if (this.#frame !== undefined) cancelAnimationFrame(this.#frame);
    this.#view.close();
    this.#pictures.keep(new Set());
  }

  #nearest(angle: number): number {
    return nearest(
      this.#state.slots.map((slot) => slot.frame.angle_deg),
      angle,
    );
  }

  #dispatch(action: Action): void {
    this.#state = reduce(this.#state, action);
    this.#request();
  }

  /** Requests one render for all changes. */
  #request(): void {
    if (this.#closing.signal.aborted) return;
    this.#frame ??= requestAnimationFrame((now) => {
      this.#frame = undefined;
      const moved = this.#motion.gliding;
      this.#motion.tick(now);
      this.#draw();
      if (this.#motion.gliding) this.#request();
      else if (moved) this.#sharpenLater(true);
    });
  }

  #draw(): void {
    const state = this.#state;
    const slot = currentSlot(state);
    const degrees = this.angle;
    const shown = state.slots[shownSlot(state)];
    const key = shown ? pictureKey(shown.frame) : null;
    // The inputs of the sharper picture. When they change, another picture is needed.
    const sharp = `${key} ${this.#view.slider.clientWidth} ${state.zoom.scale} ${state.playing}`;
    const before = this.#drawn;
    this.#drawn = { slot, degrees, angle: state.angle, sharp };
    if (before?.sharp !== sharp) this.#sharpenLater(before?.sharp.startsWith(`${key} `) ?? false);
    const picture = key === null ? undefined : this.#pictures.get(key);
    this.#view.render(state, picture, this.#original, this.#options.host.matches(':fullscreen'));
    if (!before || before.slot === -1 || slot === -1) return;
    if (before.angle !== state.angle) this.#options.emit('anglechange', { angle_deg: state.angle });
    if (before.slot !== slot || before.degrees !== degrees)
      this.#options.emit('framechange', { slot, angle_deg: degrees });
  }

  #sharpenLater(sameFrame: boolean): void {
    clearTimeout(this.#rest);
    if (!sameFrame) {
      this.#view.stage.clearSharp();
      this.#original = 'none';
    }
    this.#rest = setTimeout(() => this.#sharpen(), restMs);
  }

  /** Loads the sharper picture of the current frame, after the pictures that are needed to turn. */
  async #sharpen(): Promise<void> {
    const { slots, zoom, playing } = this.#state;
    const index = shownSlot(this.#state);
    const frame = slots[index]?.frame;
    if (!frame || playing || this.#held || this.#motion.gliding) return;
    const pixels = this.#view.slider.clientWidth * devicePixelRatio * zoom.scale;
    const wanted = sharpnessFor(frame, pixels, zoom.scale > 1);
    const isCurrent = () => this.#drawn?.sharp.startsWith(`${pictureKey(frame)} `) && !this.#closing.signal.aborted;
    // A request for the 1200 px picture would stop the load of the original, or replace it.
    if (wanted !== '600' && frame.src1200 && this.#original === 'none') {
      await this.#sharpenTo(index, frame, '1200', frame.src1200);
    }
    const { original } = frame;
    if (wanted !== 'original' || !original || !isCurrent() || this.#original !== 'none') return;
    this.#original = 'loading';
    this.#request();
    const shown = await this.#sharpenTo(index, frame, 'original', original);
    // Undefined: another frame was shown in the meantime, which has reset the state.
    if (shown === undefined || !isCurrent()) return;
    this.#original = shown ? 'shown' : 'none';
    this.#request();
  }

  /** Resolves to undefined if the picture is no longer needed. */
  async #sharpenTo(slot: number, frame: ViewerFrame, size: Sharpness, source: PictureSource) {
    const key = `${pictureKey(frame)} ${size}`;
    if (this.#failed.get(key) === source) return false;
    let isAsked = false;
    let url: string | null = null;
    const load = async () => {
      isAsked = true;
      url = typeof source === 'string' ? source : await source();
      return url;
    };
    const shown = await this.#view.stage.sharpen({ key, url: load });
    // An earlier call that started the same load reports its failure.
    if (shown !== false || !isAsked) return shown;
    this.#failed.set(key, source);
    this.#options.emit('pictureerror', { slot, angle_deg: frame.angle_deg, size, url });
    // Another source may have been set in the meantime.
    this.#sharpenLater(true);
    return false;
  }

  /** Starts the next loads and reports progress to the page. */
  #load(): void {
    const start = this.#nearest(this.#options.angle);
    while (this.#pictures.loading < parallelLoads) {
      const next = nextToLoad(this.#state.slots, currentSlot(this.#state), start);
      const frame = next === undefined ? undefined : this.#state.slots[next]?.frame;
      const key = frame ? pictureKey(frame) : null;
      if (!frame?.src600 || key === null) break;
      this.#dispatch({ type: 'picture', key, picture: 'loading' });
      this.#loadPicture(key, frame.src600);
    }
    this.#reportProgress();
  }

  async #loadPicture(key: string, url: string): Promise<void> {
    const loaded = await this.#pictures.load(key, url);
    if (loaded === undefined || this.#closing.signal.aborted) return;
    const slot = this.#state.slots.findIndex(({ frame }) => pictureKey(frame) === key);
    const frame = this.#state.slots[slot]?.frame;
    const isRenewed = frame?.src600 !== url;
    this.#dispatch({ type: 'picture', key, picture: loaded ? 'ready' : isRenewed ? 'waiting' : 'failed' });
    if (!loaded && frame && !isRenewed) {
      this.#options.emit('pictureerror', { slot, angle_deg: frame.angle_deg, size: '600', url });
    }
    this.#load();
  }

  #reportProgress(): void {
    const { ready, open, gaps } = progressOf(this.#state);
    if (!this.#turnable && isTurnable(this.#state)) {
      this.#turnable = true;
      this.#options.emit('firstturnable', { ready });
      if (this.#options.autoplay && !this.#reducedMotion.matches && !this.#held) this.play();
    }
    const complete = open === 0;
    if (complete && !this.#complete && ready > 0) {
      this.#options.emit('allloaded', { ready, gaps });
      this.#view.notices.announce(this.#options.texts.loaded(ready, gaps), arrivalsQuietMs);
    }
    this.#complete = complete;
  }

  #listen(host: HTMLElement, signal: AbortSignal): void {
    const { slider } = this.#view;
    slider.addEventListener(
      'keydown',
      (event) => {
        const quarter = Math.max(1, Math.round(this.#state.slots.length / 4));
        const command = commandOf(event, quarter, this.#state.zoom.scale > 1);
        if (!command) return;
        event.preventDefault();
        this.#execute(command);
      },
      { signal },
    );
    slider.addEventListener(
      'wheel',
      (event) => {
        if (!event.ctrlKey) return;
        event.preventDefault();
        this.#zoom(Math.exp(-Math.max(-100, Math.min(100, event.deltaY)) / 150), event.clientX, event.clientY);
      },
      { signal, passive: false },
    );
    watchGestures(
      slider,
      {
        grab: () => this.#hold(),
        drag: (dx, dy, time) => this.#drag(dx, dy, time),
        release: (time) => this.#release(time),
        pinch: (ratio, x, y, dx, dy) => {
          this.#zoom(ratio, x, y);
          this.#pan(dx, dy);
        },
        doubleTap: (x, y) => this.#zoom(this.#state.zoom.scale > 1 ? 0 : doubleTapZoom, x, y),
        takesAll: () => this.#state.zoom.scale > 1,
      },
      signal,
    );
    for (const end of ['pointerup', 'pointercancel'] as const) {
      slider.addEventListener(end, () => this.#endHold(), { signal });
    }
    host.addEventListener('fullscreenchange', () => this.#request(), { signal });
    this.#reducedMotion.addEventListener('change', () => this.#reducedMotion.matches && this.pause(), { signal });
    const resized = new ResizeObserver(() => this.#request());
    resized.observe(slider);
    signal.addEventListener('abort', () => resized.disconnect());
  }

  #hold(): void {
    this.pause();
    this.#held = true;
    this.#view.slider.toggleAttribute('data-held', true);
  }

  #endHold(): void {
    this.#held = false;
    this.#view.slider.toggleAttribute('data-held', false);
    this.#sharpenLater(true);
  }

  #drag(dx: number, dy: number, time: number): void {
    if (this.#state.zoom.scale > 1) this.#pan(dx, dy);
    else this.#motion.drag(this.#degreesOf(dx), time);
  }

  /** Makes the side that faces the camera follow the hand. On a clockwise turntable, it moves to the left. */
  #degreesOf(dx: number): number {
    const degrees = (dx / this.#view.slider.clientWidth) * degreesPerWidth;
    return this.#options.turntable === 'clockwise' ? -degrees : degrees;
  }

  #release(time: number): void {
    if (this.#state.zoom.scale === 1) this.#motion.release(time, !this.#reducedMotion.matches);
    this.#sharpenLater(true);
    this.#request();
  }

  #turnByDial(angle: number, done: boolean): void {
    this.pause();
    this.#held = !done;
    this.#dispatch({ type: 'turn', angle });
    if (done) {
      this.#release(performance.now());
      this.#view.slider.focus({ preventScroll: true });
    }
  }

  #execute(command: Command): void {
    const { slots } = this.#state;
    if (command.do === 'play') {
      if (this.#state.playing) this.pause();
      else this.play();
      return;
    }
    this.pause();
    if (command.do === 'step') this.#dispatch({ type: 'step', by: command.by });
    else if (command.do === 'zoom') this.#zoom(command.factor);
    else if (command.do === 'pan')
      this.#dispatch({ type: 'zoom', zoom: pan(this.#state.zoom, command.dx, command.dy) });
    else this.turnTo((command.do === 'first' ? slots[0] : slots.at(-1))?.frame.angle_deg ?? 0);
  }

  /** Zooms by a factor around a point of the page, or the centre. 0 resets the zoom. */
  #zoom(factor: number, clientX?: number, clientY?: number): void {
    this.pause();
    const { zoom } = this.#state;
    const box = this.#view.slider.getBoundingClientRect();
    const px = clientX === undefined ? 0 : (clientX - box.left) / box.width - 0.5;
    const py = clientY === undefined ? 0 : (clientY - box.top) / box.height - 0.5;
    if (this.#state.slots.length === 0) return;
    const next = factor === 0 ? unzoomed : zoomAt(zoom, zoom.scale * factor, px, py);
    this.#dispatch({ type: 'zoom', zoom: next });
    if (next.scale !== zoom.scale) {
      this.#view.notices.announce(this.#options.texts.zoomLevel(Math.round(next.scale * 100)), zoomQuietMs);
    }
  }

  #pan(dx: number, dy: number): void {
    const { clientWidth, clientHeight } = this.#view.slider;
    this.#dispatch({ type: 'zoom', zoom: pan(this.#state.zoom, dx / clientWidth, dy / clientHeight) });
  }

  async #toggleFullScreen(): Promise<void> {
    const { host } = this.#options;
    // A browser may refuse, for example in an iframe without permission.
    await (host.matches(':fullscreen') ? document.exitFullscreen() : host.requestFullscreen()).catch(() => undefined);
  }
}
