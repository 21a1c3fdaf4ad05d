import { wrap } from './circle.ts';
import { addSample, type Glide, glide, releaseSpeed, type Sample } from './inertia.ts';

/** During playback, each frame is shown for this long. */
const playMs = 500;

export interface MotionTarget {
  readonly angle: () => number;
  readonly turn: (angle: number) => void;
  /** The angle of the slot nearest to `angle`. */
  readonly rest: (angle: number) => number;
  readonly step: () => void;
}

/** The motion of the viewer: a drag, the glide after it, or playback. Only one of them at a time. */
export class Motion {
  readonly #target: MotionTarget;
  #samples: Sample[] = [];
  #turned = 0;
  #glide: (Glide & { readonly from: number; readonly began: number; readonly correction: number }) | undefined;
  #clock: ReturnType<typeof setInterval> | undefined;

  constructor(target: MotionTarget) {
    this.#target = target;
  }

  get gliding(): boolean {
    return this.#glide !== undefined;
  }

  /** Stops all motion. */
  halt(): void {
    clearInterval(this.#clock);
    this.#glide = undefined;
    this.#samples = [];
    this.#turned = 0;
  }

  drag(degrees: number, time: number): void {
    this.#turned += degrees;
    this.#samples = addSample(this.#samples, { time, degrees: this.#turned });
    this.#target.turn(this.#target.angle() + degrees);
  }

  /** Ends a drag. The viewer glides and stops exactly at a slot. Without `animate`, it stops at once. */
  release(time: number, animate: boolean): void {
    const from = this.#target.angle();
    const push = glide(animate ? releaseSpeed(this.#samples, time) : 0);
    this.halt();
    const end = from + push.degreesAt(push.durationMs);
    const correction = wrap(this.#target.rest(end) - end + 180) - 180;
    if (!animate) {
      this.#target.turn(this.#target.rest(end));
      return;
    }
    const durationMs = Math.max(push.durationMs, 120);
    this.#glide = { durationMs, degreesAt: push.degreesAt, from, began: performance.now(), correction };
  }

  /** Advances by one animation frame. */
  tick(now: number): void {
    const gliding = this.#glide;
    if (!gliding) return;
    const ms = Math.max(0, now - gliding.began);
    const part = Math.min(1, ms / gliding.durationMs);
    const angle = gliding.from + gliding.degreesAt(ms) + gliding.correction * part;
    if (part === 1) this.#glide = undefined;
    this.#target.turn(part === 1 ? this.#target.rest(angle) : angle);
  }

  play(): void {
    this.halt();
    this.#clock = setInterval(() => {
      if (!document.hidden) this.#target.step();
    }, playMs);
  }
}
