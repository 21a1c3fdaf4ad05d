import { describe, expect, test } from 'vitest';
import { createRandom } from '../../tests/chaos/random.ts';
import { Autoscaler, type ScalingPolicy } from './autoscaler.ts';
import { makeCurves, secondsUntilVisible, uploadsOf } from './curves.ts';
import { type Arrivals, type Machine, simulate } from './simulate.ts';

const policy: ScalingPolicy = {
  minTasks: 2,
  maxTasks: 20,
  backlogPerTask: 20,
  cpuPercent: null,
  scaleOutCooldownSeconds: 30,
  scaleInCooldownSeconds: 300,
  ageSteps: [{ fromSeconds: 20, addPercent: 50 }],
  ageCooldownSeconds: 60,
};
const machine: Machine = {
  cores: 2,
  slots: 4,
  startSeconds: 60,
  waitSeconds: () => 0.2,
  thumbnailEvents: 3,
  thumbnailEventSeconds: 0.02,
  metricDelaySeconds: 60,
  visibilitySeconds: 60,
};

/** Arrivals at random times with a mean rate, and the same work each. */
function poisson(count: number, perSecond: number, cpu: number): Arrivals {
  const random = createRandom(7);
  let now = 0;
  const at = Float64Array.from({ length: count }, () => {
    now -= Math.log(1 - random.next()) / perSecond;
    return now;
  });
  return { at, cpu: new Float64Array(count).fill(cpu) };
}

const fixed = (tasks: number) => ({ ...policy, minTasks: tasks, maxTasks: tasks });

function meanWait(arrivals: Arrivals, doneAt: Float64Array): number {
  const waits = Array.from(doneAt, (done, k) => done - (arrivals.at[k] ?? 0) - (arrivals.cpu[k] ?? 0));
  return waits.reduce((sum, wait) => sum + wait, 0) / waits.length;
}

describe('the simulation', () => {
  test.each([
    ['without a loss', undefined],
    ['when two thirds of the tasks are lost in mid-work', { at: 30, share: 2 / 3 }],
  ])('processes every message once %s', (_, loss) => {
    const arrivals = poisson(20_000, 60, 0.2);
    const outcome = simulate({ arrivals, policy, machine, initialTasks: 6, seconds: 600, loss });
    expect(outcome.processed.every((times) => times === 1)).toBe(true);
    expect(outcome.doneAt.every((done, k) => done >= (arrivals.at[k] ?? 0) + 0.2 + 0.2 - 1e-9)).toBe(true);
    // No more work than was paid for.
    expect(outcome.busySeconds).toBeCloseTo(20_000 * 0.2, 3);
    expect(outcome.paidSeconds * machine.cores).toBeGreaterThan(outcome.busySeconds);
  });

  const bare = { ...machine, slots: 1, cores: 1, waitSeconds: () => 0, thumbnailEvents: 0 };

  test('the mean wait of one server matches the Pollaczek-Khinchine formula', () => {
    const [rate, cpu] = [0.8, 1];
    const arrivals = poisson(100_000, rate, cpu);
    const run = { arrivals, policy: fixed(1), machine: bare, initialTasks: 1, seconds: 0 };
    const load = rate * cpu;
    const expected = (load * cpu) / (2 * (1 - load));
    expect(meanWait(arrivals, simulate(run).doneAt) / expected).toBeCloseTo(1, 1);
  });

  test('the mean wait of eight servers is about half of that of the Erlang C formula', () => {
    const [servers, rate, cpu] = [8, 7.2, 1];
    const arrivals = poisson(100_000, rate, cpu);
    const run = { arrivals, policy: fixed(servers), machine: bare, initialTasks: servers, seconds: 0 };
    // M/D/c waits half as long as M/M/c, and a little more (Cosmetatos).
    const load = (rate * cpu) / servers;
    let blocking = 1;
    for (let k = 1; k <= servers; k++) blocking = (rate * cpu * blocking) / (k + rate * cpu * blocking);
    const queues = blocking / (1 - load * (1 - blocking));
    const erlang = (queues * cpu) / (servers * (1 - load));
    const correction = 1 + (1 - load) * (servers - 1) * ((Math.sqrt(4 + 5 * servers) - 2) / (16 * servers * load));
    expect(meanWait(arrivals, simulate(run).doneAt) / ((erlang / 2) * correction)).toBeCloseTo(1, 1);
  });

  test('a loss of tasks makes messages wait longer', () => {
    const arrivals = poisson(30_000, 60, 0.2);
    const run = { arrivals, policy: fixed(8), machine, initialTasks: 8, seconds: 600 };
    const whole = meanWait(arrivals, simulate(run).doneAt);
    const lost = meanWait(arrivals, simulate({ ...run, loss: { at: 120, share: 1 / 3 } }).doneAt);
    expect(lost).toBeGreaterThan(2 * whole);
  });

  test('a slow database makes messages wait longer', () => {
    const arrivals = poisson(30_000, 60, 0.2);
    const run = { arrivals, policy: fixed(8), initialTasks: 8, seconds: 600 };
    const wait = (waitSeconds: number) =>
      meanWait(arrivals, simulate({ ...run, machine: { ...machine, waitSeconds: () => waitSeconds } }).doneAt);
    expect(wait(2) - wait(0.2)).toBeGreaterThan(1.8);
  });

  test('gives the same result for the same seed, and another for another', () => {
    const times = { cpu: { preview: 0.1, original: 0.3 }, send: { preview: 1, original: 4 } };
    const play = (seed: number) => {
      const curve = makeCurves(seed).find(({ name }) => name === 'burst');
      const { starts, measuredFrom } = curve ?? { starts: [], measuredFrom: 0 };
      const { arrivals, frames } = uploadsOf(starts.slice(0, 100), times, seed);
      const { doneAt } = simulate({ arrivals, policy, machine, initialTasks: 2, seconds: 60 });
      return secondsUntilVisible({ starts: starts.slice(0, 100), measuredFrom }, frames, doneAt);
    };
    expect(play(1)).toEqual(play(1));
    expect(play(1)).not.toEqual(play(2));
  });
});

describe('the autoscaler', () => {
  const minute = (backlog: number, { age = 0, tasks = 2, cpu = 0 } = {}) => ({ backlog, age, tasks, cpu });

  test('adds tasks in proportion to the backlog after three minutes above the target', () => {
    const scaler = new Autoscaler(policy);
    expect([1, 2, 3].map((k) => scaler.decide(60 * k, minute(120), 2))).toEqual([2, 2, 6]);
  });

  test('adds tasks at once when the oldest message is old', () => {
    expect(new Autoscaler(policy).decide(60, minute(0, { age: 25 }), 4)).toBe(6);
  });

  test('counts tasks that it added during the cooldown', () => {
    const scaler = new Autoscaler({ ...policy, ageCooldownSeconds: 120 });
    expect(scaler.decide(60, minute(0, { age: 25 }), 4)).toBe(6);
    expect(scaler.decide(120, minute(0, { age: 25 }), 6)).toBe(6);
    expect(scaler.decide(180, minute(0, { age: 25 }), 6)).toBe(9);
  });

  /**
   * The number of tasks after each of forty quiet minutes.
   * @param busy the work of the CPU, as a number of fully busy tasks
   */
  function quietMinutes(scaler: Autoscaler, from: number, busy: number): number[] {
    let tasks = from;
    return Array.from({ length: 40 }, (_, k) => {
      tasks = scaler.decide(60 * (k + 1), minute(0, { tasks, cpu: (100 * busy) / tasks }), tasks);
      return tasks;
    });
  }

  test('removes tasks after fifteen quiet minutes, not twice within the cooldown, and never below the minimum', () => {
    const counts = quietMinutes(new Autoscaler(policy), 16, 5);
    expect(counts.slice(13, 20)).toEqual([16, 8, 8, 8, 8, 8, 4]);
    expect(counts.at(-1)).toBe(2);
  });

  test('with a CPU target keeps the tasks that are busy, although no message waits', () => {
    const counts = quietMinutes(new Autoscaler({ ...policy, cpuPercent: 60 }), 16, 5);
    expect(counts.slice(13, 15)).toEqual([16, 9]);
    expect(counts.at(-1)).toBe(9);
  });

  test('never exceeds the maximum of tasks', () => {
    const scaler = new Autoscaler(policy);
    const last = [1, 2, 3].map((k) => scaler.decide(60 * k, minute(100_000, { age: 600 }), 2)).at(-1);
    expect(last).toBe(20);
  });
});
