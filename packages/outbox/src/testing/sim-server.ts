import { ApiError } from '@spinbay/client';
import { type ErrorCode, errorTable } from '@spinbay/contracts';
import type { SimBytes } from './memory-store.ts';
import type { VirtualClock } from './virtual-clock.ts';

export interface SimUpload {
  readonly key: string;
  readonly sha256: string;
  state: 'expected' | 'stored' | 'processed' | 'expired';
}

export interface SimImage {
  readonly id: string;
  readonly session_id: string;
  readonly angle_deg: number | null;
  readonly shot_name: string | null;
  readonly captured_at: string | null;
  original: SimUpload | null;
  preview: SimUpload | null;
}

export interface SimSession {
  readonly id: string;
  readonly org: string;
  readonly turntable: string;
  status: string;
}

const urlLife = 15 * 60_000;
const dayMs = 24 * 3_600_000;

export function apiError(code: ErrorCode, over: { path?: string; retryAfter?: number } = {}): ApiError {
  const { status, title } = errorTable[code];
  const errors = over.path === undefined ? undefined : [{ path: over.path, message: 'is wrong' }];
  return new ApiError({ type: `urn:spinbay:error:${code}`, title, status, code, errors }, over.retryAfter ?? null);
}

/** Simulates the API, the object store and the worker as the outbox sees them. It never loses state. */
export class SimServer {
  readonly #clock: VirtualClock;
  readonly sessions = new Map<string, SimSession>();
  readonly images = new Map<string, SimImage>();
  /** Digests by storage key. */
  readonly objects = new Map<string, string>();
  /** Types by id. */
  readonly events = new Map<string, string>();
  /** The organizations that the events were sent to, by id. */
  readonly eventOrgs = new Map<string, string>();
  /** The organization of the device that makes the current request. */
  caller = '';
  /** Photos that the server refuses, by id. */
  readonly refused = new Map<string, ErrorCode>();
  readonly refusedSessions = new Map<string, ErrorCode>();
  knowsPreviews = true;
  workerIsUp = true;
  /** The object store emits no events, so the client has to confirm uploads. */
  hasNoEvents = false;
  storeIsFull = false;
  /** The status of a processed image. A later release may use another one. */
  goodStatus = 'processed';

  constructor(clock: VirtualClock) {
    this.#clock = clock;
  }

  createSession(id: string, turntable = 'clockwise'): void {
    const refusal = this.refusedSessions.get(id);
    if (refusal !== undefined) throw apiError(refusal);
    if (!this.sessions.has(id)) this.sessions.set(id, { id, org: this.caller, turntable, status: 'active' });
  }

  session(id: string): SimSession {
    const session = this.sessions.get(id);
    if (session === undefined || session.org !== this.caller) throw apiError('session_not_found');
    return session;
  }

  updateSession(id: string, status: string, at: string | undefined): void {
    const session = this.session(id);
    this.#checkTime(at, `body.${status}_at`);
    if (session.status === status) return;
    if (session.status !== 'active' && status !== 'active') throw apiError('session_state_conflict');
    session.status = status;
  }

  presign(body: Record<string, unknown>): { image: SimImage; status: string; url: string } {
    const id = String(body.image_id);
    const sha256 = String(body.content_sha256);
    const kind = this.knowsPreviews && body.kind === 'preview' ? 'preview' : 'original';
    const refusal = this.refused.get(id);
    if (refusal !== undefined) throw apiError(refusal);
    const session = this.session(String(body.session_id));
    this.#checkTime(body.captured_at as string | undefined, 'body.captured_at');
    const same = [...this.images.values()].find(
      (image) => image.session_id === session.id && [image.original, image.preview].some((u) => u?.sha256 === sha256),
    );
    const image = this.images.get(id) ?? same ?? this.#reserve(session, id, body);
    if (image.session_id !== session.id) throw apiError('image_conflict');
    const upload = image[kind] ?? { key: `${image.id}/${kind}`, sha256, state: 'expected' };
    if (upload.sha256 !== sha256) throw apiError('image_conflict');
    image[kind] = upload;
    if (upload.state === 'expired') upload.state = 'expected';
    const url = `sim://${upload.key}?expires=${this.#clock.trueTime() + urlLife}`;
    return { image, status: upload.state === 'expected' ? 'pending' : this.statusOf(image), url };
  }

  /** @returns the HTTP status of the object store's answer */
  put(url: string, bytes: SimBytes): number {
    const { pathname, host, searchParams } = new URL(url);
    if (Number(searchParams.get('expires')) < this.#clock.trueTime()) return 403;
    if (this.storeIsFull) return 507;
    const key = `${host}${pathname}`;
    const upload = this.#uploads().find((one) => one.key === key);
    if (upload !== undefined && upload.sha256 !== bytes.digest) return 400;
    this.objects.set(key, bytes.digest);
    if (!this.hasNoEvents) this.#clock.after(2_000, () => this.#process(key));
    return 200;
  }

  confirmUpload(key: string): void {
    if (!this.objects.has(key)) throw apiError('upload_missing');
    this.#clock.after(2_000, () => this.#process(key));
  }

  statusOf(image: SimImage): string {
    const states = [image.original?.state, image.preview?.state];
    if (states.includes('processed')) return this.goodStatus;
    return image.original?.state === 'expired' ? 'expired' : 'pending';
  }

  /** The worker processes all stored uploads. */
  processAll(): void {
    for (const key of this.objects.keys()) this.#process(key);
  }

  #reserve(session: SimSession, id: string, body: Record<string, unknown>): SimImage {
    if (session.status !== 'active') throw apiError('session_not_active');
    const image: SimImage = {
      id,
      session_id: session.id,
      angle_deg: (body.angle_deg as number | undefined) ?? null,
      shot_name: (body.shot_name as string | undefined) ?? null,
      captured_at: (body.captured_at as string | undefined) ?? null,
      original: null,
      preview: null,
    };
    this.images.set(id, image);
    return image;
  }

  #uploads(): SimUpload[] {
    return [...this.images.values()].flatMap(({ original, preview }) => [original, preview].filter((u) => u !== null));
  }

  #process(key: string): void {
    const upload = this.#uploads().find((one) => one.key === key);
    if (upload !== undefined && this.workerIsUp) upload.state = 'processed';
  }

  #checkTime(at: string | undefined, path: string): void {
    if (at !== undefined && Date.parse(at) > this.#clock.trueTime() + dayMs)
      throw apiError('validation_failed', { path });
  }
}
