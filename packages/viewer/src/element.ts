import type { ViewerEvents } from './events.ts';
import type { ViewerFrame } from './frames.ts';
import { englishTexts, type ViewerTexts } from './texts.ts';
import type { Turntable } from './turntable.ts';
import { Viewer } from './viewer.ts';

/**
 * `<spinbay-viewer>` shows a spin that turns by drag, by key or automatically. With the attribute `autoplay`, it starts to
 * turn by itself, unless the user prefers reduced motion.
 */
export interface SpinbayViewer extends HTMLElement {
  /** All slots of the spin. Setting it again keeps the angle and the loaded pictures. */
  frames: readonly ViewerFrame[];
  /**
   * The angle of the current slot in degrees. Setting it goes to the nearest slot.
   * @throws RangeError for a value that is not a finite number
   */
  angle: number;
  /**
   * The direction of the turntable during the shoot. It lets the picture follow the hand. Default: clockwise. A change on a
   * connected element loads the pictures again.
   */
  turntable: Turntable;
  /** Texts that override the English ones. Setting them on a connected element loads the pictures again. */
  texts: Partial<ViewerTexts>;
  readonly playing: boolean;
  play(): void;
  pause(): void;
  /** Goes forward by this many slots. Negative numbers go back. Default: 1. */
  step(by?: number): void;
  /** Zooms in, or back to the whole picture. */
  toggleZoom(): void;
  addEventListener<K extends keyof ViewerEvents>(
    type: K,
    listener: (event: CustomEvent<ViewerEvents[K]>) => void,
    options?: boolean | AddEventListenerOptions,
  ): void;
  addEventListener(
    type: string,
    listener: EventListenerOrEventListenerObject | null,
    options?: boolean | AddEventListenerOptions,
  ): void;
}

/** Registers `<spinbay-viewer>`. Does nothing on a second call. Needs a browser, unlike the import of this module. */
export function defineSpinbayViewer(): void {
  if (!customElements.get('spinbay-viewer')) customElements.define('spinbay-viewer', elementClass());
}

/** Creates the class on demand, so that the module can be imported where HTMLElement does not exist. */
function elementClass(): CustomElementConstructor {
  return class extends HTMLElement {
    readonly #root = this.attachShadow({ mode: 'open' });
    #viewer: Viewer | undefined;
    #frames: readonly ViewerFrame[] = [];
    #texts: Partial<ViewerTexts> = {};
    #angle = 0;
    #turntable: Turntable = 'clockwise';

    constructor() {
      super();
      // A framework may have set properties before the element was defined. They would shadow the accessors.
      for (const name of ['frames', 'angle', 'turntable', 'texts'] as const) {
        const early = Object.getOwnPropertyDescriptor(this, name);
        if (!early) continue;
        Reflect.deleteProperty(this, name);
        Reflect.set(this, name, early.value);
      }
    }

    get frames(): readonly ViewerFrame[] {
      return this.#frames;
    }
    set frames(frames: readonly ViewerFrame[] | null | undefined) {
      this.#frames = [...(frames ?? [])];
      this.#viewer?.setFrames(this.#frames);
    }

    get angle(): number {
      return this.#viewer?.angle ?? this.#angle;
    }
    set angle(angle: number) {
      if (!Number.isFinite(angle))
        throw new RangeError(`The angle of a viewer must be a number of degrees, not ${angle}.`);
      this.#angle = angle;
      this.#viewer?.turnTo(angle);
    }

    get texts(): Partial<ViewerTexts> {
      return this.#texts;
    }
    set texts(texts: Partial<ViewerTexts>) {
      this.#texts = texts;
      this.#recreate();
    }

    get turntable(): Turntable {
      return this.#turntable;
    }
    set turntable(turntable: Turntable) {
      if (turntable === this.#turntable) return;
      this.#turntable = turntable;
      this.#recreate();
    }

    #recreate(): void {
      if (!this.#viewer) return;
      this.disconnectedCallback();
      this.connectedCallback();
    }

    get playing(): boolean {
      return this.#viewer?.playing ?? false;
    }
    play(): void {
      this.#viewer?.play();
    }
    pause(): void {
      this.#viewer?.pause();
    }

    step(by = 1): void {
      this.#viewer?.step(by);
    }
    toggleZoom(): void {
      this.#viewer?.toggleZoom();
    }

    connectedCallback(): void {
      this.#viewer = new Viewer({
        host: this,
        root: this.#root,
        texts: { ...englishTexts, ...this.#texts },
        angle: this.#angle,
        turntable: this.#turntable,
        autoplay: this.hasAttribute('autoplay'),
        emit: (type, detail) => this.dispatchEvent(new CustomEvent(type, { detail })),
      });
      this.#viewer.setFrames(this.#frames);
    }

    disconnectedCallback(): void {
      this.#angle = this.angle;
      this.#viewer?.close();
      this.#viewer = undefined;
    }
  };
}
