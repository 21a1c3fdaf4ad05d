import type { UploadKind } from '@spinbay/contracts';
import type { StuckReason } from '../types.ts';
import type { Service } from './faults.ts';
import {
  type EventRow,
  fileOf,
  isAnnounced,
  isFinished,
  isForeign,
  type PhotoRow,
  type Row,
  type SessionRow,
} from './rows.ts';

export type Step =
  | { readonly kind: 'create_session'; readonly id: string }
  | { readonly kind: 'reopen_session'; readonly id: string }
  | { readonly kind: 'send'; readonly id: string; readonly file: UploadKind }
  | { readonly kind: 'end_session'; readonly id: string }
  /** Asks the server for the state of a session's photos. */
  | { readonly kind: 'confirm'; readonly id: string }
  | { readonly kind: 'events'; readonly id: 'events'; readonly events: readonly string[] };

/** At most one step per key runs at a time. */
export function stepKey(step: Pick<Step, 'kind' | 'id'> & { readonly file?: UploadKind }): string {
  return [step.kind, step.id, step.file ?? ''].join(':');
}

export interface Circuit {
  /** Consecutive failures. If above zero, only one step at a time probes the service. */
  readonly failures: number;
  /** The service is not called before this time. Like all times here, it is a time of `Clock.elapsed`. */
  readonly until: number;
}

/** Whether the server accepts previews. An older server accepts originals only. */
export type Previews = 'unknown' | 'accepted' | 'refused';

export interface PlanInput {
  readonly rows: Iterable<Row>;
  /** The organization that the device works for. */
  readonly orgId: string | null;
  readonly now: number;
  readonly inFlight: ReadonlyMap<string, Step>;
  /** The keys (`stepKey`) of the steps in flight that are uploading to the object store. */
  readonly uploading: ReadonlySet<string>;
  /** The earliest start of each step, by `stepKey`. */
  readonly notBefore: ReadonlyMap<string, number>;
  readonly circuits: Readonly<Record<Service, Circuit>>;
  readonly signedOut: boolean;
  /** Sessions to reopen: they have photos to send, but the server has closed them. */
  readonly closed: ReadonlySet<string>;
  /** While `unknown`, previews are sent one at a time. Announcing the first one shows whether the server accepts them. */
  readonly previews: Previews;
  /** Holds originals back, because the network is metered. */
  readonly previewsOnly: boolean;
  readonly limits: { readonly previews: number; readonly originals: number };
  readonly eventsDue: number;
}

export interface Plan {
  readonly start: readonly Step[];
  /** When to plan again at the latest. Null: only when something changes. */
  readonly wakeAt: number | null;
}

/** Maximum number of concurrent requests to the API, not counting those that send photos. */
const maxCalls = 4;
const maxEventsAtOnce = 200;

/** Decides what to do next. A pure function. */
export function plan(input: PlanInput): Plan {
  if (input.signedOut) return { start: [], wakeAt: null };
  const builder = new PlanBuilder(input);
  const sessions = [...input.rows]
    .filter((row) => row.kind === 'session')
    .filter((row) => !isForeign(row, input.orgId))
    .sort(newestFirst);
  const photos = photosBySession(input.rows);
  const known = sessions.filter(({ server_status }) => server_status !== null);
  for (const session of sessions)
    if (session.server_status === null && session.stuck === null)
      builder.call({ kind: 'create_session', id: session.id });
  for (const { id } of known) if (input.closed.has(id)) builder.call({ kind: 'reopen_session', id });
  // If the server refused the end of a session, the session is stuck, but its photos are still sent and confirmed.
  const open = known.filter(({ id }) => !input.closed.has(id));
  const sendable = (session: SessionRow) => (photos.get(session.id) ?? []).filter(({ stuck }) => stuck === null);
  if (input.previews !== 'refused')
    for (const session of open)
      for (const photo of sendable(session)) if (wantsPreview(photo)) builder.send(photo, 'preview');
  for (const session of open)
    if (canEnd(session, photos.get(session.id) ?? [])) builder.call({ kind: 'end_session', id: session.id });
  for (const session of known)
    if ((photos.get(session.id) ?? []).some(isPolled)) builder.call({ kind: 'confirm', id: session.id });
  const events = [...input.rows].filter((row) => row.kind === 'event');
  builder.events(events.filter((row) => !isForeign(row, input.orgId)).sort(oldestFirst));
  if (!input.previewsOnly)
    for (const session of open)
      for (const photo of sendable(session)) if (isWaiting(photo, 'original')) builder.send(photo, 'original');
  return builder.plan();
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

function isWaiting(photo: PhotoRow, name: UploadKind): boolean {
  const state = fileOf(photo, name)?.progress.state;
  return state === 'waiting' || state === 'announced';
}

/** The preview of the photo is to be sent before its original. */
export function wantsPreview(photo: PhotoRow): boolean {
  return isWaiting(photo, 'preview') && isWaiting(photo, 'original');
}

/**
 * A session ends only after its photos are announced, because the server adds no photos to an ended session. Stuck photos do
 * not delay the end.
 */
function canEnd(session: SessionRow, photos: readonly PhotoRow[]): boolean {
  if (session.stuck !== null || session.status === 'active' || session.server_status === session.status) return false;
  return photos.every((photo) => isAnnounced(photo) || isFinished(photo) || photo.stuck !== null);
}

/** Whether a file of the photo was sent and the server has not confirmed it yet. */
export function isUnconfirmed(photo: PhotoRow): boolean {
  if (isFinished(photo)) return false;
  return photo.original.progress.state === 'sent' || (photo.preview?.progress.state === 'sent' && !photo.visible);
}

/**
 * Whether to poll for the photo. A server that refused one poll would refuse the next one, too. If the digests differ, they
 * stay different, because the digest of a processed original never changes.
 */
function isPolled(photo: PhotoRow): boolean {
  return isUnconfirmed(photo) && !unpolled.has(photo.stuck?.reason);
}

const unpolled: ReadonlySet<StuckReason | undefined> = new Set(['session_refused', 'update_needed', 'digest_differs']);

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

/** Receives candidate steps in order of priority, and selects those that can start now. */
class PlanBuilder {
  readonly #input: PlanInput;
  readonly #start: Step[] = [];
  #wakeAt: number | null = null;
  #busy: Record<'calls' | UploadKind, number> = { calls: 0, preview: 0, original: 0 };
  /** Whether a preview is due. Originals then wait, so that they do not slow it down. */
  #previewFirst = false;

  constructor(input: PlanInput) {
    this.#input = input;
    for (const step of input.inFlight.values()) this.#count(step);
  }

  call(step: Exclude<Step, { kind: 'send' }>): void {
    if (this.#busy.calls < maxCalls && this.#isDue(step)) this.#begin(step);
  }

  send(photo: PhotoRow, file: UploadKind): void {
    const step = { kind: 'send', id: photo.id, file } as const;
    const limit = this.#limit(file);
    if (file === 'original') {
      if (this.#previewFirst || this.#busy.preview > 0) return;
      // The two files of a photo are announced one after the other.
      if (this.#input.inFlight.has(stepKey({ ...step, file: 'preview' }))) return;
    }
    if (!this.#isDue(step)) return;
    if (file === 'preview') this.#previewFirst = true;
    if (this.#busy[file] < limit) this.#begin(step);
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
    const { inFlight, notBefore, circuits, now } = this.#input;
    if (inFlight.has(stepKey(step))) return false;
    const from = notBefore.get(stepKey(step)) ?? 0;
    const states = servicesOf(step).map((service) => circuits[service]);
    const due = Math.max(from, ...states.map(({ until }) => until));
    if (due > now) {
      this.#wakeBy(due);
      return false;
    }
    // After a failure, a single step probes the service.
    const probing = [...inFlight.values(), ...this.#start].flatMap((other) => this.#calls(other));
    return servicesOf(step).every((service) => circuits[service].failures === 0 || !probing.includes(service));
  }

  /** The services that a step in flight calls now or soon. An upload may take minutes, so the API is not called soon. */
  #calls(step: Step): readonly Service[] {
    return this.#input.uploading.has(stepKey(step)) ? ['store'] : servicesOf(step);
  }

  #limit(file: UploadKind): number {
    if (file === 'original') return this.#input.limits.originals;
    return this.#input.previews === 'unknown' ? 1 : this.#input.limits.previews;
  }

  #begin(step: Step): void {
    this.#start.push(step);
    this.#count(step);
  }

  #count(step: Step): void {
    this.#busy[step.kind === 'send' ? step.file : 'calls']++;
  }

  #wakeBy(time: number): void {
    this.#wakeAt = Math.min(this.#wakeAt ?? time, time);
  }
}

function servicesOf(step: Step): readonly Service[] {
  return step.kind === 'send' ? ['api', 'store'] : ['api'];
}
