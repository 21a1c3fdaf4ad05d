import { Autoscaler, type Datapoint, type ScalingPolicy } from './autoscaler.ts';
import { EventQueue } from './event-queue.ts';

/** Uploads in the order of their arrival. The arrays have one entry for each. */
export interface Arrivals {
  readonly at: Float64Array;
  /** Seconds of CPU. */
  readonly cpu: Float64Array;
}

export interface Machine {
  readonly cores: number;
  /** Messages that a task processes at a time. */
  readonly slots: number;
  /** From the decision to the first message: the image is pulled, the process starts. */
  readonly startSeconds: number;
  /** How long an upload that starts at `now` waits for the store and the database while it is processed. */
  readonly waitSeconds: (now: number) => number;
  /** The number of events that the thumbnails of an upload cause. The worker drops them. */
  readonly thumbnailEvents: number;
  readonly thumbnailEventSeconds: number;
  /** CloudWatch delivers a minute's metrics this much later. */
  readonly metricDelaySeconds: number;
  /** A lost task's messages become visible again after this time. */
  readonly visibilitySeconds: number;
}

export interface Run {
  readonly arrivals: Arrivals;
  readonly policy: ScalingPolicy;
  readonly machine: Machine;
  readonly initialTasks: number;
  /** The simulation ends after this time, but not before every message is processed. */
  readonly seconds: number;
  /** A part of the running tasks ends at once. The service replaces them. */
  readonly loss?: { readonly at: number; readonly share: number };
}

export interface Sample {
  readonly at: number;
  readonly tasks: number;
  readonly backlog: number;
}

export interface Outcome {
  /** When each upload was processed, and how often. */
  readonly doneAt: Float64Array;
  readonly processed: Uint8Array;
  /** Task seconds that are paid for, and seconds of CPU that were needed. */
  readonly paidSeconds: number;
  readonly busySeconds: number;
  readonly endedAt: number;
  readonly samples: readonly Sample[];
}

interface Task {
  readonly startedAt: number;
  state: 'starting' | 'running' | 'draining' | 'ended';
  free: number;
  /** When each core has finished its work. */
  readonly coreFree: number[];
  /** The entries that it processes. */
  readonly inFlight: Set<Entry>;
}

interface Entry {
  /** The index of the upload, or -1 for the events of thumbnails. */
  readonly upload: number;
  readonly visibleSince: number;
}

type Event =
  | { readonly kind: 'done'; readonly task: Task; readonly entry: Entry }
  | { readonly kind: 'ready'; readonly task: Task }
  | { readonly kind: 'return'; readonly entry: Entry }
  | { readonly kind: 'sample' }
  | { readonly kind: 'loss' };

const sampleSeconds = 5;

/** Plays the arrivals through the queue, the tasks and the scaling policy, in simulated time. */
export function simulate(run: Run): Outcome {
  return new Simulation(run).play();
}

class Simulation {
  readonly #run: Run;
  readonly #events = new EventQueue<Event>();
  readonly #scaler: Autoscaler;
  #tasks: Task[] = [];
  #desired: number;
  /** Waiting entries from #head on. Thumbnails count as `thumbnailEvents` messages. */
  #waiting: Entry[] = [];
  #head = 0;
  #uploadsWaiting = 0;
  #turn = 0;
  #left: number;
  #paid = 0;
  #busy = 0;
  readonly #doneAt: Float64Array;
  readonly #processed: Uint8Array;
  readonly #samples: Sample[] = [];
  #minute = { backlog: 0, age: 0, busyBefore: 0, tasks: [] as number[] };
  readonly #datapoints: (Datapoint & { readonly at: number })[] = [];

  constructor(run: Run) {
    this.#run = run;
    const count = run.arrivals.at.length;
    this.#left = count;
    this.#doneAt = new Float64Array(count).fill(Number.NaN);
    this.#processed = new Uint8Array(count);
    this.#scaler = new Autoscaler(run.policy);
    this.#desired = run.initialTasks;
  }

  play(): Outcome {
    const { arrivals, seconds, loss } = this.#run;
    for (let k = 0; k < this.#desired; k++) this.#launch(0, 0);
    this.#events.add(0, { kind: 'sample' });
    if (loss !== undefined) this.#events.add(loss.at, { kind: 'loss' });
    let [now, next] = [0, 0];
    while (this.#left > 0 || now < seconds) {
      const arrival = arrivals.at[next] ?? Number.POSITIVE_INFINITY;
      if (arrival <= this.#events.nextAt) {
        now = arrival;
        this.#enqueue(now, { upload: next++, visibleSince: now });
      } else {
        now = this.#events.nextAt;
        const event = this.#events.take();
        if (event !== undefined) this.#handle(now, event);
      }
    }
    for (const task of this.#tasks) this.#paid += now - task.startedAt;
    const [doneAt, processed] = [this.#doneAt, this.#processed];
    return {
      doneAt,
      processed,
      paidSeconds: this.#paid,
      busySeconds: this.#busy,
      endedAt: now,
      samples: this.#samples,
    };
  }

  #handle(now: number, event: Event): void {
    if (event.kind === 'done') this.#finish(now, event.task, event.entry);
    else if (event.kind === 'ready') this.#makeReady(now, event.task);
    else if (event.kind === 'return') this.#enqueue(now, { ...event.entry, visibleSince: now });
    else if (event.kind === 'loss') this.#lose(now);
    else this.#sample(now);
  }

  #enqueue(now: number, entry: Entry): void {
    this.#waiting.push(entry);
    if (entry.upload >= 0) this.#uploadsWaiting++;
    // The long polls of all tasks wait at the same time, so the tasks take turns.
    for (let k = 0; k < this.#tasks.length; k++) {
      const task = this.#tasks[++this.#turn % this.#tasks.length];
      if (task?.state !== 'running' || task.free === 0) continue;
      this.#receive(now, task);
      return;
    }
  }

  /** Fills the free slots of a task from the queue. */
  #receive(now: number, task: Task): void {
    const { machine, arrivals } = this.#run;
    while (task.state === 'running' && task.free > 0 && this.#head < this.#waiting.length) {
      const entry = this.#waiting[this.#head++] as Entry;
      if (this.#head > 100_000) [this.#waiting, this.#head] = [this.#waiting.slice(this.#head), 0];
      task.free--;
      task.inFlight.add(entry);
      let doneAt = now + machine.thumbnailEventSeconds;
      if (entry.upload >= 0) {
        this.#uploadsWaiting--;
        // Uses the core that is free first. Half of the wait is the download, the other half follows the measuring.
        const wait = machine.waitSeconds(now);
        let core = 0;
        for (let k = 1; k < machine.cores; k++) if (coreAt(task, k) < coreAt(task, core)) core = k;
        const measured = Math.max(now + wait / 2, coreAt(task, core)) + (arrivals.cpu[entry.upload] ?? 0);
        task.coreFree[core] = measured;
        doneAt = measured + wait / 2;
      }
      this.#events.add(doneAt, { kind: 'done', task, entry });
    }
  }

  #finish(now: number, task: Task, entry: Entry): void {
    // A lost task finishes nothing.
    if (!task.inFlight.delete(entry)) return;
    task.free++;
    if (entry.upload >= 0) {
      this.#busy += this.#run.arrivals.cpu[entry.upload] ?? 0;
      this.#doneAt[entry.upload] = now;
      this.#processed[entry.upload] = (this.#processed[entry.upload] ?? 0) + 1;
      this.#left--;
      if (this.#run.machine.thumbnailEvents > 0) this.#enqueue(now, { upload: -1, visibleSince: now });
    }
    if (task.state === 'draining' && task.inFlight.size === 0) this.#end(now, task);
    else this.#receive(now, task);
  }

  #launch(now: number, startSeconds: number): void {
    const { slots, cores } = this.#run.machine;
    const coreFree = new Array<number>(cores).fill(now);
    const task: Task = { startedAt: now, state: 'starting', free: slots, coreFree, inFlight: new Set() };
    this.#tasks.push(task);
    this.#events.add(now + startSeconds, { kind: 'ready', task });
  }

  #makeReady(now: number, task: Task): void {
    if (task.state !== 'starting') return;
    task.state = 'running';
    this.#receive(now, task);
  }

  #end(now: number, task: Task): void {
    task.state = 'ended';
    this.#paid += now - task.startedAt;
    this.#tasks = this.#tasks.filter((other) => other !== task);
  }

  #lose(now: number): void {
    const running = this.#tasks.filter(({ state }) => state === 'running');
    const lost = running.slice(0, Math.round(running.length * (this.#run.loss?.share ?? 0)));
    for (const task of lost) {
      for (const entry of task.inFlight)
        this.#events.add(now + this.#run.machine.visibilitySeconds, { kind: 'return', entry });
      task.inFlight.clear();
      this.#end(now, task);
    }
    this.#adjust(now);
  }

  /** Starts or drains tasks until their number is the desired one. */
  #adjust(now: number): void {
    const active = () => this.#tasks.filter(({ state }) => state !== 'draining');
    while (active().length < this.#desired) this.#launch(now, this.#run.machine.startSeconds);
    for (const task of active().slice(this.#desired)) {
      // A task with work in flight is protected until the work is done.
      if (task.inFlight.size > 0) task.state = 'draining';
      else this.#end(now, task);
    }
  }

  #sample(now: number): void {
    const { machine } = this.#run;
    const tasks = this.#tasks.filter(({ state }) => state === 'running').length;
    const thumbnailEvents = this.#waiting.length - this.#head - this.#uploadsWaiting;
    const backlog = this.#uploadsWaiting + thumbnailEvents * machine.thumbnailEvents;
    this.#samples.push({ at: now, tasks, backlog });
    const minute = this.#minute;
    minute.backlog = Math.max(minute.backlog, backlog);
    const oldest = this.#waiting[this.#head]?.visibleSince ?? now;
    minute.age = Math.max(minute.age, now - oldest);
    minute.tasks.push(tasks);
    if (now > 0 && now % 60 === 0) {
      const average = minute.tasks.reduce((sum, count) => sum + count, 0) / minute.tasks.length;
      const cpu = average === 0 ? 0 : (100 * (this.#busy - minute.busyBefore)) / (average * machine.cores * 60);
      this.#datapoints.push({ at: now, backlog: minute.backlog, age: minute.age, tasks: average, cpu });
      this.#minute = { backlog: 0, age: 0, busyBefore: this.#busy, tasks: [] };
    }
    const [datapoint] = this.#datapoints;
    if (datapoint !== undefined && datapoint.at + machine.metricDelaySeconds <= now) {
      this.#datapoints.shift();
      this.#desired = this.#scaler.decide(now, datapoint, this.#desired);
      this.#adjust(now);
    }
    this.#events.add(now + sampleSeconds, { kind: 'sample' });
  }
}

function coreAt(task: Task, core: number): number {
  return task.coreFree[core] ?? 0;
}
