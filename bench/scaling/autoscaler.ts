/** The scaling policy of the worker, as infra/src/stacks/worker.ts deploys it. */
export interface ScalingPolicy {
  readonly minTasks: number;
  readonly maxTasks: number;
  readonly backlogPerTask: number;
  /** The target for the CPU use of all tasks, in per cent. Null: no such policy. */
  readonly cpuPercent: number | null;
  readonly scaleOutCooldownSeconds: number;
  readonly scaleInCooldownSeconds: number;
  readonly ageSteps: readonly { readonly fromSeconds: number; readonly addPercent: number }[];
  readonly ageCooldownSeconds: number;
}

/** The metrics of one minute. */
export interface Datapoint {
  /** The most messages that waited at a time. Messages in flight do not count. */
  readonly backlog: number;
  readonly tasks: number;
  /** The highest age of the oldest waiting message, in seconds. */
  readonly age: number;
  /** The share of the running tasks' CPU that was used, in per cent. */
  readonly cpu: number;
}

/** AWS creates the alarms of a target tracking policy: minutes above the target, and minutes below nine tenths of it. */
const [minutesAbove, minutesBelow, lowFactor] = [3, 15, 0.9];
/** "Scales in more gradually" is all that AWS documents. Assumed: at most half of the tasks at a time. */
const maxRemovedShare = 0.5;

/** Simulates Application Auto Scaling with target tracking policies and a step scaling policy. */
export class Autoscaler {
  readonly #policy: ScalingPolicy;
  readonly #trackers: readonly Tracker[];
  readonly #byAge: Cooldown;
  #lastIn = Number.NEGATIVE_INFINITY;

  constructor(policy: ScalingPolicy) {
    this.#policy = policy;
    const { backlogPerTask, cpuPercent, scaleOutCooldownSeconds: cooldown } = policy;
    this.#trackers = [
      new Tracker(backlogPerTask, cooldown, ({ backlog, tasks }) => backlog / Math.max(1, tasks)),
      ...(cpuPercent === null ? [] : [new Tracker(cpuPercent, cooldown, ({ cpu }) => cpu)]),
    ];
    this.#byAge = new Cooldown(policy.ageCooldownSeconds);
  }

  /** @returns the number of tasks from now on, after the datapoint of a minute has arrived */
  decide(now: number, datapoint: Datapoint, desired: number): number {
    const { ageSteps, maxTasks, minTasks, scaleInCooldownSeconds } = this.#policy;
    const within = (count: number) => Math.min(maxTasks, Math.max(minTasks, count));
    const wanted = this.#trackers.map((tracker) => tracker.decide(now, datapoint, desired));

    // The policy that wants the most tasks wins.
    const step = ageSteps.findLast(({ fromSeconds }) => datapoint.age >= fromSeconds);
    if (step !== undefined) {
      const base = this.#byAge.begin(now, desired);
      wanted.push(base + Math.max(1, Math.floor((base * step.addPercent) / 100)));
    }
    const most = within(Math.max(...wanted));
    if (most > desired) return most;

    // Tasks are removed only if all target tracking policies agree.
    if (step !== undefined || most === desired || now - this.#lastIn < scaleInCooldownSeconds) return within(desired);
    this.#lastIn = now;
    return within(Math.max(most, Math.ceil(desired * (1 - maxRemovedShare))));
  }
}

/** One target tracking policy, with its two alarms. */
class Tracker {
  readonly #target: number;
  readonly #metric: (datapoint: Datapoint) => number;
  readonly #out: Cooldown;
  readonly #values: number[] = [];

  constructor(target: number, cooldownSeconds: number, metric: (datapoint: Datapoint) => number) {
    this.#target = target;
    this.#metric = metric;
    this.#out = new Cooldown(cooldownSeconds);
  }

  /** @returns the number of tasks that this policy wants: `desired` while none of its alarms is active */
  decide(now: number, datapoint: Datapoint, desired: number): number {
    const value = this.#metric(datapoint);
    this.#values.push(value);
    const all = (minutes: number, test: (value: number) => boolean) =>
      this.#values.length >= minutes && this.#values.slice(-minutes).every(test);
    if (all(minutesAbove, (one) => one > this.#target))
      return Math.max(desired, Math.ceil((this.#out.begin(now, desired) * value) / this.#target));
    if (all(minutesBelow, (one) => one < lowFactor * this.#target)) return Math.ceil((desired * value) / this.#target);
    return desired;
  }
}

/** During a cooldown, tasks that were added already count as part of the next step. */
class Cooldown {
  readonly #seconds: number;
  #began = Number.NEGATIVE_INFINITY;
  #base = 0;

  constructor(seconds: number) {
    this.#seconds = seconds;
  }

  /** @returns the number of tasks that the next step multiplies */
  begin(now: number, desired: number): number {
    if (now - this.#began >= this.#seconds) [this.#began, this.#base] = [now, desired];
    return this.#base;
  }
}
