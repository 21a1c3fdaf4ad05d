import { ApiError } from '@spinbay/client';
import { type Fault, faultOf, messageOf, NoProgress, problemOf, type Service, stuckFor } from '../core/faults.ts';
import { concurrencyFor } from '../core/link-speed.ts';
import {
  isUnconfirmed,
  type PlanInput,
  type Previews,
  photosBySession,
  plan,
  type Step,
  stepKey,
} from '../core/plan.ts';
import { isAnnounced } from '../core/rows.ts';
import type { LiveState } from '../core/snapshot.ts';
import type { OutboxPorts } from '../ports.ts';
import type { Problem, Stuck } from '../types.ts';
import { Confirmations } from './confirmations.ts';
import type { Ledger } from './ledger.ts';
import { LiveBoard } from './live-board.ts';
import { Retries } from './retries.ts';
import { ServerClock } from './server-clock.ts';
import { createSession, endSession, reopenSession, type StepContext, sendEvents, sendFile } from './steps.ts';
import { Watchdog } from './watchdog.ts';

/** Events are sent in batches at this interval, in milliseconds. */
const eventsEvery = 30_000;
/** While the system reports no network, the API is probed at this interval in milliseconds: the report may be wrong. */
const offlineProbe = 30_000;
/** After this many consecutive refusals of an upload by the store, each with a fresh URL, the photo is stuck. */
const maxUploadRefusals = 8;
/** If there are more consecutive refreshes than this without an accepted request, the user is signed out. */
const maxRefreshes = 3;

/** Carries out the plan until it is stopped. The caller holds the lock, so only one tab runs it. */
export class Runner<Bytes> {
  readonly #ports: OutboxPorts<Bytes>;
  readonly #ledger: Ledger<Bytes>;
  readonly #board: LiveBoard;
  readonly #retries: Retries;
  readonly #confirmations: Confirmations<Bytes>;
  readonly #clock: ServerClock;
  readonly #inFlight = new Map<string, Step>();
  readonly #uploading = new Set<string>();
  readonly #closed = new Set<string>();
  readonly #mayReopen = new Set<string>();
  readonly #endWithoutTime = new Set<string>();
  #previews: Previews = 'unknown';
  #eventsDue = 0;
  #refreshes = 0;
  #orgId: string | null;
  /** Ends the steps in flight when the device leaves its organization. */
  #inOrg = new AbortController();
  #wake: () => void = () => undefined;
  #hashing: Promise<unknown> = Promise.resolve();
  #signingIn: Promise<'refreshed' | 'signed_out' | { readonly failed: string }> | null = null;

  constructor(ports: OutboxPorts<Bytes>, ledger: Ledger<Bytes>, onLive: (live: LiveState) => void) {
    this.#ports = ports;
    this.#ledger = ledger;
    this.#board = new LiveBoard(ports.clock, onLive);
    this.#retries = new Retries(ports.random);
    this.#confirmations = new Confirmations(ports, ledger, this.#retries);
    this.#clock = new ServerClock(ports.clock);
    this.#orgId = ports.auth.orgId();
  }

  /** Plans again after a change. */
  wake(): void {
    this.#wake();
  }

  async run(signal: AbortSignal): Promise<void> {
    const { clock, network, auth } = this.#ports;
    const stopListening = network.onChange(() => this.#networkChanged());
    const stopFollowing = auth.subscribe(() => this.#followOrg());
    const onAbort = () => this.#wake();
    signal.addEventListener('abort', onAbort);
    const running = new Set<Promise<void>>();
    this.#followOrg();
    this.#networkChanged();
    try {
      while (!signal.aborted) {
        const woken = new Promise<void>((resolve) => {
          this.#wake = resolve;
        });
        const input = this.#planInput();
        if (input.previewsOnly !== this.#board.state.previewsOnly)
          this.#board.set({ previewsOnly: input.previewsOnly });
        const { start, wakeAt } = plan(input);
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
      stopFollowing();
      signal.removeEventListener('abort', onAbort);
      await Promise.all(running);
      this.#board.end();
    }
  }

  /** Retries one item or all on a person's request. This may reopen the sessions of the items. */
  retry(id?: string): void {
    if (id === undefined) this.#retries.reset();
    else this.#retries.resetItem(id);
    this.#confirmations.readAgain();
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
      orgId: this.#orgId,
      now: clock.elapsed(),
      inFlight: this.#inFlight,
      uploading: this.#uploading,
      notBefore: this.#retries.notBefore,
      circuits: this.#retries.circuits,
      signedOut: this.#board.state.signedOut,
      closed: this.#closed,
      previews: this.#previews,
      previewsOnly: !originals_on_metered && network.metered?.() === true,
      limits: concurrencyFor(this.#board.state.speed ?? undefined, tuning?.originals),
      eventsDue: this.#eventsDue,
    };
  }

  async #attempt(step: Step, signal: AbortSignal): Promise<void> {
    const inOrg = this.#inOrg.signal;
    const watchdog = new Watchdog(this.#ports.clock, signal, inOrg);
    const token = this.#ports.auth.token();
    let called: Service = 'api';
    const context: StepContext<Bytes> = {
      ports: this.#ports,
      ledger: this.#ledger,
      signal: watchdog.signal,
      hash: (bytes) => this.#hash(bytes),
      serverTime: (iso) => this.#clock.serverTime(iso),
      previews: this.#previews,
      setPreviews: (previews) => {
        this.#previews = previews;
      },
      sawDate: (date) => this.#clock.observe(date),
      calling: (service) => {
        called = service;
        if (service === 'store') this.#uploading.add(stepKey(step));
        else this.#uploading.delete(stepKey(step));
        this.#wake();
      },
      answered: (service) => {
        this.#refreshes = 0;
        this.#retries.serviceAnswered(service);
        if (service === 'api') this.#serverAnswers(true);
        watchdog.progressed();
      },
      onProgress: (sent, total) => {
        watchdog.progressed();
        this.#retries.progressed(step);
        this.#board.uploaded(step.id, sent, total);
      },
    };
    try {
      await this.#perform(step, context);
      this.#retries.succeeded(step);
      this.#board.problem(step.id, null);
    } catch (error) {
      if (signal.aborted || inOrg.aborted) return;
      const cause = watchdog.stalled ? new NoProgress('No progress for a minute.') : error;
      // A refusal is a reply, too.
      if (cause instanceof ApiError) this.#serverAnswers(true);
      await this.#handleFault(step, faultOf(cause, called), token).catch((writeError: unknown) => {
        // The fault could not be written to disk, so the step is retried.
        this.#retryLater(step, null, problemOf(writeError, called));
      });
    } finally {
      watchdog.end();
      this.#uploading.delete(stepKey(step));
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
        await sendFile(context, step.id, step.file);
        return this.#confirmations.expectSoon(this.#ledger.photo(step.id)?.session_id ?? '');
      case 'confirm':
        return this.#confirmations.poll(context, step);
      case 'events':
        this.#eventsDue = this.#ports.clock.elapsed() + eventsEvery;
        return sendEvents(context, step.events);
    }
  }

  async #reopen(context: StepContext<Bytes>, id: string): Promise<void> {
    const isOpen = await reopenSession(context, id, this.#mayReopen.has(id));
    if (isOpen) this.#forgetClosed(id);
    else {
      const problem: Problem = { message: 'Somebody abandoned this session.', cause: 'session_abandoned' };
      await this.#holdUnannounced(id, stuckFor('session_closed', problem));
    }
  }

  /** Marks the photos that the server does not know yet as stuck, because it accepts no new photos for this session. */
  async #holdUnannounced(id: string, stuck: Stuck): Promise<void> {
    for (const photo of photosBySession(this.#ledger.rows.values()).get(id) ?? [])
      if (!isAnnounced(photo)) await this.#ledger.changePhoto(photo.id, { type: 'stuck', stuck });
    this.#forgetClosed(id);
  }

  /** Marks the sent photos of a session as stuck, because the server does not list them: the session may be erased. */
  async #holdUnconfirmed(id: string, { reason, ...why }: Stuck): Promise<void> {
    const stuck: Stuck = { ...why, reason: reason === 'refused' ? 'session_refused' : reason };
    for (const photo of photosBySession(this.#ledger.rows.values()).get(id) ?? [])
      if (isUnconfirmed(photo)) await this.#ledger.changePhoto(photo.id, { type: 'stuck', stuck });
  }

  #forgetClosed(id: string): void {
    this.#closed.delete(id);
    this.#mayReopen.delete(id);
  }

  async #handleFault(step: Step, fault: Fault, token: string | undefined): Promise<void> {
    switch (fault.kind) {
      case 'unauthorized':
        return this.#signIn(step, token);
      case 'transient':
        if (fault.service !== null)
          this.#retries.serviceFailed(fault.service, this.#ports.clock.elapsed(), this.#probeAfter(fault));
        if (fault.service === 'api' && fault.isUnanswered) this.#serverAnswers(false);
        this.#retryLater(step, fault.after, fault.problem);
        return;
      case 'upload_refused': {
        this.#board.problem(step.id, fault.problem);
        const refusals = this.#retries.uploadRefused(step, this.#ports.clock.elapsed());
        if (refusals >= maxUploadRefusals) await this.#markStuck(step, stuckFor('refused', fault.problem));
        return;
      }
      case 'time_refused':
        if (step.kind === 'send') await this.#ledger.changePhoto(step.id, { type: 'time_refused' });
        else this.#endWithoutTime.add(step.id);
        return;
      case 'session_closed':
        if (step.kind === 'send') this.#closed.add(this.#ledger.photo(step.id)?.session_id ?? '');
        this.#retryLater(step, null, fault.problem);
        return;
      case 'refused':
        return this.#markStuck(step, fault.stuck);
    }
  }

  /**
   * How many milliseconds to wait before calling a service again, if that is known. `#networkChanged` ends the wait when the
   * network returns.
   */
  #probeAfter({ after, isUnanswered }: Fault & { kind: 'transient' }): number | null {
    return isUnanswered && !this.#ports.network.online() ? offlineProbe : after;
  }

  #serverAnswers(serverAnswers: boolean): void {
    if ((this.#board.state.serverAnswers ?? true) !== serverAnswers) this.#board.set({ serverAnswers });
  }

  #retryLater(step: Step, after: number | null, problem: Problem): number {
    this.#board.problem(step.id, problem);
    return this.#retries.failed(step, this.#ports.clock.elapsed(), after);
  }

  async #markStuck(step: Step, stuck: Stuck): Promise<void> {
    if (step.kind === 'send' && step.file === 'preview') {
      await this.#ledger.changePhoto(step.id, { type: 'preview_dropped' });
    } else if (step.kind === 'send') {
      await this.#ledger.changePhoto(step.id, { type: 'stuck', stuck });
    } else if (step.kind === 'events') {
      // The server refuses malformed events one by one. If it refuses a whole batch, the first event is dropped, so that the
      // queue does not block.
      for (const id of step.events.slice(0, 1)) await this.#ledger.change(id, () => ({ row: null }));
    } else if (step.kind === 'confirm') {
      await this.#holdUnconfirmed(step.id, stuck);
    } else if (step.kind === 'reopen_session') {
      await this.#holdUnannounced(step.id, { ...stuck, reason: 'session_refused' });
    } else {
      await this.#ledger.changeSession(step.id, { type: 'stuck', stuck });
    }
  }

  /**
   * Refreshes a refused token. If the user is signed out, sending pauses until they sign in; no item changes. If a refresh
   * may succeed later, the step is retried.
   */
  async #signIn(step: Step, refused: string | undefined): Promise<void> {
    // The token was already replaced for another step.
    if (refused !== this.#ports.auth.token()) return;
    this.#signingIn ??= this.#ports.auth
      .onUnauthorized(refused)
      .catch((error: unknown) => ({ failed: messageOf(error) }))
      .then((outcome) => {
        this.#signingIn = null;
        if (outcome === 'refreshed') this.#refreshes += 1;
        return outcome === 'refreshed' && this.#refreshes > maxRefreshes ? 'signed_out' : outcome;
      });
    const outcome = await this.#signingIn;
    if (outcome === 'signed_out') this.#board.set({ signedOut: true });
    else if (outcome !== 'refreshed')
      this.#retryLater(step, null, {
        message: `The sign-in could not be refreshed: ${outcome.failed}`,
        cause: 'sign_in_failed',
      });
  }

  /** After an enrolment in another organization, sessions of the previous one wait and those of the new one are sent. */
  #followOrg(): void {
    const orgId = this.#ports.auth.orgId();
    if (orgId === this.#orgId) return;
    this.#orgId = orgId;
    this.#inOrg.abort();
    this.#inOrg = new AbortController();
    this.#refreshes = 0;
    this.#board.set({ signedOut: false });
    this.wake();
  }

  #networkChanged(): void {
    const online = this.#ports.network.online();
    if (online) {
      this.#retries.reset();
      this.#eventsDue = 0;
    } else {
      this.#retries.serviceFailed('api', this.#ports.clock.elapsed(), offlineProbe);
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
