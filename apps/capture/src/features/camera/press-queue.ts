/** The most photos to compress and write at the same time. Each keeps a whole picture in memory. */
const savingAtMost = 3;

/** A press that may take its frames now. */
export interface Turn {
  /** No other photo is in memory, so there is room for a burst. */
  readonly isAlone: boolean;
  /** Call when the frames are in memory. */
  grabbed(): void;
  /** Call when the photo is on disk, or has failed. */
  ended(): void;
}

/** Lets one press at a time take its frames. Other presses wait, and follow as soon as they can. */
export class PressQueue {
  readonly #press: () => void;
  #saving = 0;
  #grabbing: Turn | null = null;
  #waiting = 0;

  /** @param press repeats a press that has waited */
  constructor(press: () => void) {
    this.#press = press;
  }

  /** @returns null if the press has to wait */
  take(): Turn | null {
    if (this.#grabbing !== null || this.#saving >= savingAtMost) {
      this.#waiting++;
      return null;
    }
    const turn: Turn = {
      isAlone: this.#saving === 0,
      grabbed: () => {
        if (this.#grabbing === turn) this.#grabbing = null;
        this.#pressNext();
      },
      ended: () => {
        this.#saving--;
        turn.grabbed();
      },
    };
    this.#saving++;
    this.#grabbing = turn;
    return turn;
  }

  /** Drops the presses that wait. */
  clear(): void {
    this.#waiting = 0;
  }

  #pressNext(): void {
    if (this.#waiting === 0 || this.#grabbing !== null || this.#saving >= savingAtMost) return;
    this.#waiting--;
    this.#press();
  }
}
