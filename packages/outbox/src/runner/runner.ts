import { type Fault, faultOf, type Gate } from '../core/faults.ts';
import { concurrencyFor } from '../core/link-speed.ts';
import { type PlanInput, type Previews, photosBySession, plan, type Step, stepKey } from '../core/plan.ts';
import { isAnnounced, type Stuck } from '../core/rows.ts';
import type { LiveState } from '../core/snapshot.ts';
import type { OutboxPorts } from '../ports.ts';
import { Confirmations } from './confirmations.ts';
import type { Ledger } from './ledger.ts';
import { LiveBoard } from './live-board.ts';
import { Retries } from './retries.ts';
import { ServerClock } from './server-clock.ts';
import { createSession, endSession, reopenSession, type StepContext, sendEvents, sendPart } from './steps.ts';
import { Watchdog } from './watchdog.ts';

/** Events wait so long for others to be sent with, in ms. */
const eventsEvery = 30_000;
/** While the system says that there is no network, it is tried so often all the same: it may be wrong. */
const offlineProbe = 30_000;
/** Refusals of fresh URLs in a row before a person is asked. */
const maxUrlRefusals = 8;
/** Tokens that were refreshed and refused again, in a row. */
const maxRefreshes = 3;

/** Does what the plan says, until it is stopped. One for all tabs: the caller holds the lock. */
export class Runner<Bytes> {
  readonly #ports: OutboxPorts<Bytes>;
  readonly #ledger: Ledger<Bytes>;
  readonly #board: LiveBoard;
  readonly #retries: Retries;
  readonly #confirmations: Confirmations<Bytes>;
  readonly #clock: ServerClock;
  readonly #inFlight = new Map<string, Step>();
  readonly #closed = new Set<string>();
  readonly #mayReopen = new Set<string>();
  readonly #endWithoutTime = new Set<string>();
  #previews: Previews = 'unknown';
  #eventsDue = 0;
  #refreshes = 0;
  #wake: () => void = () => undefined;
  #hashing: Promise<unknown> = Promise.resolve();
  #signingIn: Promise<'refreshed' | 'signed_out' | 'failed'> | null = null;

  constructor(ports: OutboxPorts<Bytes>, ledger: Ledger<Bytes>, onLive: (live: LiveState) => void) {
    this.#ports = ports;
    this.#ledger = ledger;
    this.#board = new LiveBoard(ports.clock, onLive);
    this.#retries = new Retries(ports.random);
    this.#confirmations = new Confirmations(ports, ledger, this.#retries);
    this.#clock = new ServerClock(ports.clock);
  }

  /** Something changed: plan again. */
  wake(): void {
    this.#wake();
  }

  async run(signal: AbortSignal): Promise<void> {
    const { clock, network } = this.#ports;
    const stopListening = network.onChange(() => this.#networkChanged());
    const onAbort = () => this.#wake();
    signal.addEventListener('abort', onAbort);
    const running = new Set<Promise<void>>();
    this.#networkChanged();
    try {
      while (!signal.aborted) {
        const woken = new Promise<void>((resolve) => {
          this.#wake = resolve;
        });
        const { start, wakeAt } = plan(this.#planInput());
        for (const step of start) {
          this.#inFlight.set(stepKey(step), step);
          const done = this.#attempt(step, signal).finally(() => {
            running.delete(done);
            this.#inFlight.delete(stepKey(step));
            this.#wake();
          });
          running.add(done);
        }
        const wait = wakeAt === null ? null : Math.max(0, wakeAt - clock.elapsed());
        const cancel = wait === null ? () => undefined : clock.after(wait, () => this.#wake());
        await woken;
        cancel();
      }
    } finally {
      stopListening();
      signal.removeEventListener('abort', onAbort);
      await Promise.all(running);
      this.#board.end();
    }
  }

  /** A person says that the world has changed: for one item, or for all. What they name may reopen its session. */
  retry(id?: string): void {
    if (id === undefined) this.#retries.forget();
    else this.#retries.forgetItem(id);
    for (const each of id === undefined ? this.#ledger.rows.keys() : [id]) {
      const photo = this.#ledger.photo(each);
      if (photo !== undefined && !isAnnounced(photo)) this.#mayReopen.add(photo.session_id);
    }
    this.#refreshes = 0;
    this.#board.set({ signedOut: false });
    this.wake();
  }

  #planInput(): PlanInput {
    const { clock, network, tuning } = this.#ports;
    const { originals_on_metered } = this.#ledger.settings;
    return {
      rows: [...this.#ledger.rows.values()],
      now: clock.elapsed(),
      inFlight: this.#inFlight,
      notBefore: this.#retries.notBefore,
      gates: this.#retries.gates,
      signedOut: this.#board.state.signedOut,
      closed: this.#closed,
      previews: this.#previews,
      previewsOnly: !originals_on_metered && network.metered?.() === true,
      limits: concurrencyFor(this.#board.state.speed ?? undefined, tuning?.originals),
      eventsDue: this.#eventsDue,
    };
  }

  async #attempt(step: Step, signal: AbortSignal): Promise<void> {
    const watchdog = new Watchdog(this.#ports.clock, signal);
    let asked: Gate = 'api';
    const context: StepContext<Bytes> = {
      ports: this.#ports,
      ledger: this.#ledger,
      signal: watchdog.signal,
      hash: (bytes) => this.#hash(bytes),
      serverTime: (iso) => this.#clock.serverTime(iso),
      previews: this.#previews,
      foundPreviews: (previews) => {
        this.#previews = previews;
      },
      heard: (date) => this.#clock.hear(date),
      asking: (gate) => {
        asked = gate;
      },
      answered: (gate) => {
        this.#refreshes = 0;
        this.#retries.gateAnswered(gate);
        watchdog.moved();
      },
      onProgress: (sent, total) => {
        watchdog.moved();
        this.#retries.progressed(step);
        this.#board.uploaded(step.id, sent, total);
      },
    };
    try {
      await this.#perform(step, context);
      this.#retries.progressed(step);
      this.#board.problem(step.id, null);
    } catch (error) {
      if (signal.aborted) return;
      const cause = watchdog.stalled ? new Error('Nothing has moved for a minute.') : error;
      await this.#failed(step, faultOf(cause, asked)).catch((atDisk: unknown) => {
        // The disk refused the note of it: then the step is tried again.
        this.#later(step, null, atDisk instanceof Error ? atDisk.message : String(atDisk));
      });
    } finally {
      watchdog.end();
      if (step.kind === 'send') this.#board.uploadEnded(step.id);
    }
  }

  async #perform(step: Step, context: StepContext<Bytes>): Promise<void> {
    switch (step.kind) {
      case 'create_session':
        return createSession(context, step.id);
      case 'end_session':
        return endSession(context, step.id, this.#endWithoutTime.has(step.id));
      case 'reopen_session':
        return this.#reopen(context, step.id);
      case 'send':
        await sendPart(context, step.id, step.part);
        return this.#confirmations.expectSoon(this.#ledger.photo(step.id)?.session_id ?? '');
      case 'confirm':
        return this.#confirmations.ask(context, step);
      case 'events':
        this.#eventsDue = this.#ports.clock.elapsed() + eventsEvery;
        return sendEvents(context, step.events);
    }
  }

  async #reopen(context: StepContext<Bytes>, id: string): Promise<void> {
    const isOpen = await reopenSession(context, id, this.#mayReopen.has(id));
    if (isOpen) this.#forgetClosed(id);
    else await this.#staysClosed(id, { reason: 'session_closed', detail: 'Somebody abandoned this session.' });
  }

  /** The server takes no new photo into the session: those that it does not know yet wait for a person. */
  async #staysClosed(id: string, stuck: Stuck): Promise<void> {
    for (const photo of photosBySession(this.#ledger.rows.values()).get(id) ?? [])
      if (!isAnnounced(photo)) await this.#ledger.changePhoto(photo.id, { type: 'stuck', stuck });
    this.#forgetClosed(id);
  }

  #forgetClosed(id: string): void {
    this.#closed.delete(id);
    this.#mayReopen.delete(id);
  }

  async #failed(step: Step, fault: Fault): Promise<void> {
    switch (fault.kind) {
      case 'unauthorized':
        return this.#signIn(step);
      case 'passing':
        if (fault.gate !== null) this.#retries.gateFailed(fault.gate, this.#ports.clock.elapsed(), fault.after);
        this.#later(step, fault.after, fault.words);
        return;
      case 'url_expired': {
        const refusals = this.#later(step, null, fault.words);
        // The clock went on while it waited for its turn: the first refusal is worth another try at once.
        if (refusals === 1) this.#retries.atOnce(step);
        if (refusals >= maxUrlRefusals) await this.#stuck(step, { reason: 'refused', detail: fault.words });
        return;
      }
      case 'time_refused':
        if (step.kind === 'send') await this.#ledger.changePhoto(step.id, { type: 'time_refused' });
        else this.#endWithoutTime.add(step.id);
        return;
      case 'session_closed':
        if (step.kind === 'send') this.#closed.add(this.#ledger.photo(step.id)?.session_id ?? '');
        this.#later(step, null, fault.words);
        return;
      case 'refused':
        return this.#stuck(step, fault.stuck);
    }
  }

  #later(step: Step, after: number | null, words: string): number {
    this.#board.problem(step.id, words);
    return this.#retries.failed(step, this.#ports.clock.elapsed(), after);
  }

  async #stuck(step: Step, stuck: Stuck): Promise<void> {
    if (step.kind === 'send' && step.part === 'preview') {
      await this.#ledger.changePhoto(step.id, { type: 'preview_dropped' });
    } else if (step.kind === 'send') {
      await this.#ledger.changePhoto(step.id, { type: 'stuck', stuck });
    } else if (step.kind === 'events') {
      // A batch of which one is refused is halved until that one is alone, and goes.
      for (const id of step.events.slice(0, 1)) await this.#ledger.change(id, () => ({ row: null }));
    } else if (step.kind === 'confirm') {
      this.#later(step, null, stuck.detail ?? '');
    } else if (step.kind === 'reopen_session') {
      await this.#staysClosed(step.id, { ...stuck, reason: 'session_refused' });
    } else {
      await this.#ledger.changeSession(step.id, { type: 'stuck', stuck });
    }
  }

  /** A refused token never touches the queue: it is refreshed, or everything waits for the person. */
  async #signIn(step: Step): Promise<void> {
    this.#signingIn ??= this.#ports.auth
      .onUnauthorized()
      .catch(() => 'failed' as const)
      .then((outcome) => {
        this.#signingIn = null;
        this.#refreshes += 1;
        return outcome === 'refreshed' && this.#refreshes > maxRefreshes ? 'signed_out' : outcome;
      });
    const outcome = await this.#signingIn;
    if (outcome === 'signed_out') this.#board.set({ signedOut: true });
    else if (outcome === 'failed') this.#later(step, null, 'The sign-in could not be renewed.');
  }

  #networkChanged(): void {
    const online = this.#ports.network.online();
    if (online) {
      this.#retries.forget();
      this.#eventsDue = 0;
    } else {
      this.#retries.gateFailed('api', this.#ports.clock.elapsed(), offlineProbe);
    }
    this.#board.set({ online });
    this.wake();
  }

  #hash(bytes: Bytes): Promise<string> {
    const digest = this.#hashing.then(() => this.#ports.sha256(bytes));
    this.#hashing = digest.catch(() => undefined);
    return digest;
  }
}
