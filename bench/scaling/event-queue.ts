/** Events in the order of their time; events of the same time in the order in which they were added. A binary heap. */
export class EventQueue<E> {
  readonly #heap: { at: number; order: number; event: E }[] = [];
  #added = 0;

  get nextAt(): number {
    return this.#heap[0]?.at ?? Number.POSITIVE_INFINITY;
  }

  add(at: number, event: E): void {
    const entry = { at, order: this.#added++, event };
    let k = this.#heap.length;
    while (k > 0) {
      const above = (k - 1) >> 1;
      const parent = this.#heap[above];
      if (parent === undefined || !isEarlier(entry, parent)) break;
      this.#heap[k] = parent;
      k = above;
    }
    this.#heap[k] = entry;
  }

  take(): E | undefined {
    const [first] = this.#heap;
    const last = this.#heap.pop();
    if (first === undefined || last === undefined || this.#heap.length === 0) return first?.event;
    let k = 0;
    for (;;) {
      let below = 2 * k + 1;
      const [left, right] = [this.#heap[below], this.#heap[below + 1]];
      let child = left;
      if (left !== undefined && right !== undefined && isEarlier(right, left)) {
        child = right;
        below++;
      }
      if (child === undefined || !isEarlier(child, last)) break;
      this.#heap[k] = child;
      k = below;
    }
    this.#heap[k] = last;
    return first.event;
  }
}

function isEarlier(a: { at: number; order: number }, b: { at: number; order: number }): boolean {
  return a.at < b.at || (a.at === b.at && a.order < b.order);
}
