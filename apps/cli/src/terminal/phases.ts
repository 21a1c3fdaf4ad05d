import { print } from './print.ts';

/** Prints each phase of a start and its duration to stdout. */
export class Phases {
  #name: string | undefined;
  #began = 0;

  begin(name: string): void {
    this.end();
    this.#name = name;
    this.#began = performance.now();
  }

  end(): void {
    if (this.#name === undefined) return;
    const seconds = ((performance.now() - this.#began) / 1000).toFixed(1);
    print(`  ${this.#name.padEnd(28)}${seconds.padStart(6)} s`);
    this.#name = undefined;
  }
}
