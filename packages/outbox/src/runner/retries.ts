import { backoff } from '../core/backoff.ts';
import type { Service } from '../core/faults.ts';
import { type Circuit, type Step, stepKey } from '../core/plan.ts';

const maxOutageWait = 20_000;
const healthy: Circuit = { failures: 0, until: 0 };

/** Schedules retries. Kept in memory: after a restart, everything is retried at once. */
export class Retries {
  readonly #random: () => number;
  readonly #failures = new Map<string, number>();
  readonly #uploadRefusals = new Map<string, number>();
  readonly notBefore = new Map<string, number>();
  circuits: Readonly<Record<Service, Circuit>> = { api: healthy, store: healthy };

  constructor(random: () => number) {
    this.#random = random;
  }

  /** @returns the number of consecutive failures of the step */
  failed(step: Step, now: number, after: number | null = null): number {
    const key = stepKey(step);
    const failures = (this.#failures.get(key) ?? 0) + 1;
    this.#failures.set(key, failures);
    this.notBefore.set(key, now + Math.max(after ?? 0, backoff(failures, this.#random())));
    return failures;
  }

  /**
   * The store refused an upload. Its URL may have expired while it waited, so the first refusal is retried at once.
   * @returns the number of refusals since the step last succeeded. Progress does not reset it, because a store may refuse
   *   after it has received all bytes.
   */
  uploadRefused(step: Step, now: number): number {
    const key = stepKey(step);
    const refusals = (this.#uploadRefusals.get(key) ?? 0) + 1;
    this.#uploadRefusals.set(key, refusals);
    if (refusals === 1) this.notBefore.delete(key);
    else this.notBefore.set(key, now + backoff(refusals, this.#random()));
    return refusals;
  }

  /** Part of an upload arrived. */
  progressed(step: Step): void {
    this.#failures.delete(stepKey(step));
  }

  succeeded(step: Step): void {
    this.#failures.delete(stepKey(step));
    this.#uploadRefusals.delete(stepKey(step));
  }

  scheduleAt(step: Step, time: number): void {
    this.notBefore.set(stepKey(step), time);
  }

  serviceFailed(service: Service, now: number, after: number | null = null): void {
    const { failures, until } = this.circuits[service];
    // Steps that were in flight together fail together. They count as one failure.
    if (until > now) return;
    const wait = Math.max(after ?? 0, backoff(failures + 1, this.#random(), { max: maxOutageWait }));
    this.circuits = { ...this.circuits, [service]: { failures: failures + 1, until: now + wait } };
  }

  serviceAnswered(service: Service): void {
    if (this.circuits[service].failures > 0) this.circuits = { ...this.circuits, [service]: healthy };
  }

  /** Forgets all failures, so that everything is retried at once. */
  reset(): void {
    this.#failures.clear();
    this.#uploadRefusals.clear();
    this.notBefore.clear();
    this.circuits = { api: healthy, store: healthy };
  }

  resetItem(id: string): void {
    for (const byStep of [this.notBefore, this.#failures, this.#uploadRefusals])
      for (const key of [...byStep.keys()]) if (key.split(':')[1] === id) byStep.delete(key);
  }
}
