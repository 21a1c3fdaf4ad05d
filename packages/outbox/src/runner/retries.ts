import { backoff } from '../core/backoff.ts';
import type { Gate } from '../core/faults.ts';
import { type GateState, type Step, stepKey } from '../core/plan.ts';

const longestGate = 20_000;
const open: GateState = { failures: 0, until: 0 };

/** When what has failed is tried again. In memory: after a restart everything is tried at once. */
export class Retries {
  readonly #random: () => number;
  readonly #failures = new Map<string, number>();
  readonly notBefore = new Map<string, number>();
  gates: Readonly<Record<Gate, GateState>> = { api: open, store: open };

  constructor(random: () => number) {
    this.#random = random;
  }

  /** @returns how often the step has failed in a row */
  failed(step: Step, now: number, after: number | null = null): number {
    const key = stepKey(step);
    const failures = (this.#failures.get(key) ?? 0) + 1;
    this.#failures.set(key, failures);
    this.notBefore.set(key, now + Math.max(after ?? 0, backoff(failures, this.#random())));
    return failures;
  }

  /** The step succeeded, or moved. */
  progressed(step: Step): void {
    this.#failures.delete(stepKey(step));
  }

  notBeforeTime(step: Step, time: number): void {
    this.notBefore.set(stepKey(step), time);
  }

  atOnce(step: Step): void {
    this.notBefore.delete(stepKey(step));
  }

  gateFailed(gate: Gate, now: number, after: number | null = null): void {
    const { failures, until } = this.gates[gate];
    // What was in flight together fails together, and counts once.
    if (until > now) return;
    const wait = Math.max(after ?? 0, backoff(failures + 1, this.#random(), { longest: longestGate }));
    this.gates = { ...this.gates, [gate]: { failures: failures + 1, until: now + wait } };
  }

  gateAnswered(gate: Gate): void {
    if (this.gates[gate].failures > 0) this.gates = { ...this.gates, [gate]: open };
  }

  /** The world has changed: nothing is held against it. */
  forget(): void {
    this.#failures.clear();
    this.notBefore.clear();
    this.gates = { api: open, store: open };
  }

  forgetItem(id: string): void {
    for (const key of [...this.notBefore.keys()]) {
      if (key.split(':')[1] !== id) continue;
      this.notBefore.delete(key);
      this.#failures.delete(key);
    }
  }
}
