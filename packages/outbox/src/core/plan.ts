import type { Gate } from './faults.ts';
import {
  type EventRow,
  isAnnounced,
  isFinished,
  type PartName,
  type PhotoRow,
  partOf,
  type Row,
  type SessionRow,
} from './rows.ts';

export type Step =
  | { readonly kind: 'create_session'; readonly id: string }
  | { readonly kind: 'reopen_session'; readonly id: string }
  | { readonly kind: 'send'; readonly id: string; readonly part: PartName }
  | { readonly kind: 'end_session'; readonly id: string }
  /** Asks what became of the photos of a session. */
  | { readonly kind: 'confirm'; readonly id: string }
  | { readonly kind: 'events'; readonly id: 'events'; readonly events: readonly string[] };

/** One step at a time under each key. */
export function stepKey(step: Pick<Step, 'kind' | 'id'> & { readonly part?: PartName }): string {
  return [step.kind, step.id, step.part ?? ''].join(':');
}

export interface GateState {
  /** In a row. More than none: one step at a time tries whether it is open again. */
  readonly failures: number;
  /** By `elapsed`, like all times here. */
  readonly until: number;
}

/** Whether the server takes previews. An older one takes originals only. */
export type Previews = 'unknown' | 'taken' | 'not_taken';

export interface PlanInput {
  readonly rows: Iterable<Row>;
  readonly now: number;
  readonly inFlight: ReadonlyMap<string, Step>;
  /** Not before these times, by `stepKey`. */
  readonly notBefore: ReadonlyMap<string, number>;
  readonly gates: Readonly<Record<Gate, GateState>>;
  readonly signedOut: boolean;
  /** Sessions that are not active on the server, and are to be. */
  readonly closed: ReadonlySet<string>;
  /** `unknown` until the first preview was announced: then one photo at a time tries it. */
  readonly previews: Previews;
  /** Originals wait for another network. */
  readonly previewsOnly: boolean;
  readonly limits: { readonly previews: number; readonly originals: number };
  readonly eventsDue: number;
}

export interface Plan {
  readonly start: readonly Step[];
  /** When to plan again at the latest; null: when something happens. */
  readonly wakeAt: number | null;
}

/** Requests to the API at once, beside those of photos. */
const maxCalls = 4;
const maxEventsAtOnce = 200;

/** What to do next. It changes nothing, and the same input gives the same plan. */
export function plan(input: PlanInput): Plan {
  if (input.signedOut) return { start: [], wakeAt: null };
  const choice = new Choice(input);
  const sessions = [...input.rows].filter((row) => row.kind === 'session').sort(newestFirst);
  const photos = photosBySession(input.rows);
  const known = sessions.filter(({ told }) => told !== null);
  for (const session of sessions)
    if (session.told === null && session.stuck === null) choice.call({ kind: 'create_session', id: session.id });
  for (const { id } of known) if (input.closed.has(id)) choice.call({ kind: 'reopen_session', id });
  // A session whose end was refused is stuck. Its photos are sent and confirmed all the same.
  const open = known.filter(({ id }) => !input.closed.has(id));
  const sendable = (session: SessionRow) => (photos.get(session.id) ?? []).filter(({ stuck }) => stuck === null);
  if (input.previews !== 'not_taken')
    for (const session of open)
      for (const photo of sendable(session)) if (wantsPreview(photo)) choice.send(photo, 'preview');
  for (const session of open)
    if (mayEnd(session, photos.get(session.id) ?? [])) choice.call({ kind: 'end_session', id: session.id });
  for (const session of known)
    if ((photos.get(session.id) ?? []).some(isUnconfirmed)) choice.call({ kind: 'confirm', id: session.id });
  choice.events([...input.rows].filter((row) => row.kind === 'event').sort(oldestFirst));
  if (!input.previewsOnly)
    for (const session of open)
      for (const photo of sendable(session)) if (isWaiting(photo, 'original')) choice.send(photo, 'original');
  return choice.plan();
}

export function photosBySession(rows: Iterable<Row>): Map<string, PhotoRow[]> {
  const found = new Map<string, PhotoRow[]>();
  for (const row of rows) {
    if (row.kind !== 'photo') continue;
    const photos = found.get(row.session_id);
    if (photos === undefined) found.set(row.session_id, [row]);
    else photos.push(row);
  }
  for (const photos of found.values()) photos.sort(oldestFirst);
  return found;
}

function isWaiting(photo: PhotoRow, name: PartName): boolean {
  const state = partOf(photo, name)?.progress.state;
  return state === 'waiting' || state === 'announced';
}

function wantsPreview(photo: PhotoRow): boolean {
  return isWaiting(photo, 'preview') && isWaiting(photo, 'original');
}

/** The end of a session follows its photos: the server takes no new photo after it. One that is stuck does not hold it up. */
function mayEnd(session: SessionRow, photos: readonly PhotoRow[]): boolean {
  if (session.stuck !== null || session.status === 'active' || session.told === session.status) return false;
  return photos.every((photo) => isAnnounced(photo) || isFinished(photo) || photo.stuck !== null);
}

/** Sent, and the server has not said yet that it has it or shows it. */
export function isUnconfirmed(photo: PhotoRow): boolean {
  if (isFinished(photo)) return false;
  return photo.original.progress.state === 'sent' || (photo.preview?.progress.state === 'sent' && !photo.visible);
}

interface Ordered {
  readonly seq: number;
  readonly id: string;
}

export function oldestFirst(a: Ordered, b: Ordered): number {
  return a.seq - b.seq || (a.id < b.id ? -1 : 1);
}

function newestFirst(a: Ordered, b: Ordered): number {
  return oldestFirst(b, a);
}

/** Takes candidates in the order of their importance, and starts those that may start now. */
class Choice {
  readonly #input: PlanInput;
  readonly #start: Step[] = [];
  #wakeAt: number | null = null;
  #busy: Record<'calls' | PartName, number> = { calls: 0, preview: 0, original: 0 };
  /** A preview goes out now or is about to: originals leave the link to it. */
  #previewFirst = false;

  constructor(input: PlanInput) {
    this.#input = input;
    for (const step of input.inFlight.values()) this.#count(step);
  }

  call(step: Exclude<Step, { kind: 'send' }>): void {
    if (this.#busy.calls < maxCalls && this.#isDue(step)) this.#begin(step);
  }

  send(photo: PhotoRow, part: PartName): void {
    const step = { kind: 'send', id: photo.id, part } as const;
    const limit = this.#limit(part);
    if (part === 'original') {
      if (this.#previewFirst || this.#busy.preview > 0) return;
      // Its preview is on the way, or has failed for now: they are announced one after the other.
      if (this.#input.inFlight.has(stepKey({ ...step, part: 'preview' }))) return;
    }
    if (!this.#isDue(step)) return;
    if (part === 'preview') this.#previewFirst = true;
    if (this.#busy[part] < limit) this.#begin(step);
  }

  events(waiting: readonly EventRow[]): void {
    if (waiting.length === 0) return;
    if (waiting.length < maxEventsAtOnce && this.#input.now < this.#input.eventsDue) {
      this.#wakeBy(this.#input.eventsDue);
      return;
    }
    const events = waiting.slice(0, maxEventsAtOnce).map(({ id }) => id);
    this.call({ kind: 'events', id: 'events', events });
  }

  plan(): Plan {
    return { start: this.#start, wakeAt: this.#wakeAt };
  }

  #isDue(step: Step): boolean {
    const { inFlight, notBefore, gates, now } = this.#input;
    if (inFlight.has(stepKey(step))) return false;
    const from = notBefore.get(stepKey(step)) ?? 0;
    const closed = gatesOf(step).map((gate) => gates[gate]);
    const due = Math.max(from, ...closed.map(({ until }) => until));
    if (due > now) {
      this.#wakeBy(due);
      return false;
    }
    // While a gate has failed last, a single step tries it.
    const probing = [...inFlight.values(), ...this.#start];
    return gatesOf(step).every(
      (gate) => gates[gate].failures === 0 || !probing.some((other) => gatesOf(other).includes(gate)),
    );
  }

  #limit(part: PartName): number {
    if (part === 'original') return this.#input.limits.originals;
    return this.#input.previews === 'unknown' ? 1 : this.#input.limits.previews;
  }

  #begin(step: Step): void {
    this.#start.push(step);
    this.#count(step);
  }

  #count(step: Step): void {
    this.#busy[step.kind === 'send' ? step.part : 'calls']++;
  }

  #wakeBy(time: number): void {
    this.#wakeAt = Math.min(this.#wakeAt ?? time, time);
  }
}

function gatesOf(step: Step): readonly Gate[] {
  return step.kind === 'send' ? ['api', 'store'] : ['api'];
}
