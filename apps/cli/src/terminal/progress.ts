/**
 * A progress bar on a terminal; elsewhere at most one line every five seconds. Writes to stderr, because stdout is for
 * results.
 */
export class Progress {
  readonly #total: number;
  #last = 0;
  #shown = '';

  constructor(total: number) {
    this.#total = total;
  }

  update(label: string, done: number): void {
    const text = `${label} ${done} of ${this.#total}`;
    if (text === this.#shown) return;
    this.#shown = text;
    if (process.stderr.isTTY) {
      const width = 24;
      const filled = this.#total === 0 ? width : Math.round((done / this.#total) * width);
      process.stderr.write(`\r\x1b[2K  [${'#'.repeat(filled)}${'.'.repeat(width - filled)}] ${text}`);
    } else if (Date.now() - this.#last > 5_000 || done === this.#total) {
      this.#last = Date.now();
      process.stderr.write(`  ${text}\n`);
    }
  }

  end(): void {
    if (process.stderr.isTTY) process.stderr.write('\r\x1b[2K');
  }
}
