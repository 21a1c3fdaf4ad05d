import { createHash } from 'node:crypto';
import { ConnectionError, UploadRefused } from '@spinbay/client';
import type { Channel, NetworkPort, Outbox, OutboxPorts } from '../index.ts';
import { openOutbox } from '../index.ts';
import { MemoryStore, type SimBytes, SimDisk } from './memory-store.ts';
import { apiError, type SimImage, SimServer } from './sim-server.ts';
import { VirtualClock } from './virtual-clock.ts';

/** How a call fails. With `reply_lost`, the call still takes effect. */
export type CallFault =
  | 'unauthorized'
  /** The token is refused late: each of these replies takes a second longer than the one before. */
  | 'unauthorized_late'
  | 'rate_limited'
  | 'internal'
  | 'unavailable'
  | 'reply_lost'
  | 'broken_off'
  | 'put_forbidden'
  | 'put_damaged'
  | 'put_500'
  /** A captive portal answers. */
  | 'put_redirected'
  /** The upload is stored at once, and acknowledged only after the worker has processed it. */
  | 'put_answered_late'
  | 'put_lost';

export interface Link {
  /** `portal`: a captive portal answers every request. */
  mode: 'on' | 'off' | 'portal';
  /** Bytes per second for all uploads together. */
  speed: number;
  /** Milliseconds in each direction. */
  latency: number;
  /** Mobile data instead of Wi-Fi. */
  metered: boolean;
}

type Random = () => number;

/** A device, its network and a server in virtual time. Deterministic for a given seed. */
export class SimWorld {
  readonly clock = new VirtualClock();
  readonly server = new SimServer(this.clock);
  readonly disk = new SimDisk();
  readonly link: Link = { mode: 'on', speed: 1_000_000, latency: 50, metered: false };
  readonly random: Random;
  /** Faults of the next calls, in order. */
  readonly faults: CallFault[] = [];
  /** The organization that the device works for. */
  org = 'org-a';
  #tokens = 0;
  refreshes = 0;
  tokenIsGood = true;
  canRefresh = true;
  /** While it is set, each refresh of the token fails with this error. */
  refreshFault: Error | null = null;
  /** Requests to the API, answered or not. */
  apiCalls = 0;
  bytesSent = 0;
  /** Bytes of uploads that did not complete. */
  bytesCutOff = 0;
  maxInFlight = 0;
  #ids = 0;
  #late = 0;
  /** The bytes that each running upload has sent, by tab, so that the uploads of a killed tab end with it. */
  readonly #uploads = new Map<SimTab, Map<SimBytes, number>>();
  #lockHolder: SimTab | null = null;
  readonly #lockQueue: (() => void)[] = [];
  readonly tabs = new Set<SimTab>();
  readonly #networkListeners = new Set<() => void>();
  readonly #orgListeners = new Set<() => void>();

  constructor(random: Random = () => 0.5) {
    this.random = random;
  }

  async open(): Promise<SimTab> {
    const tab = new SimTab(this);
    this.tabs.add(tab);
    await tab.open();
    return tab;
  }

  /** Lets time pass until the promise settles. */
  async during<T>(promise: Promise<T>): Promise<T> {
    let isSettled = false;
    const settle = () => {
      isSettled = true;
    };
    promise.then(settle, settle);
    if (!(await this.clock.run(60_000, () => isSettled))) throw new Error('the promise did not settle within a minute');
    return promise;
  }

  setLink(change: Partial<Link>): void {
    Object.assign(this.link, change);
    for (const listener of this.#networkListeners) listener();
  }

  /** The device enrols in an organization. Requests in progress keep their token. */
  enrolIn(org: string): void {
    this.org = org;
    this.tokenIsGood = true;
    this.#tokens++;
    for (const listener of this.#orgListeners) listener();
  }

  newId(): string {
    const n = (++this.#ids).toString(16).padStart(12, '0');
    return `00000000-0000-7000-8000-${n}`;
  }

  newPhoto(size = 3_000_000): SimBytes {
    return { size, digest: createHash('sha256').update(this.newId()).digest('hex') };
  }

  /** The frames on the server with exactly these bytes. */
  framesOf(digest: string): SimImage[] {
    return [...this.server.images.values()].filter(
      ({ original }) => original?.sha256 === digest && this.server.objects.get(original.key) === digest,
    );
  }

  ports(tab: SimTab): OutboxPorts<SimBytes> {
    return {
      store: tab.store,
      api: this.#api(tab),
      upload: (put, bytes, onProgress, signal) => this.#upload(tab, put, bytes, onProgress, signal),
      sha256: async ({ digest }) => digest,
      sizeOf: ({ size }) => size,
      clock: tab.clock,
      random: this.random,
      newId: () => this.newId(),
      network: this.#network,
      lock: (work, signal) => this.#lock(tab, work, signal),
      retention: { newest: 1, others: 600_000 },
      auth: {
        orgId: () => this.org,
        token: () => `token ${this.#tokens}`,
        subscribe: (listener) => {
          const call = () => tab.killed || listener();
          this.#orgListeners.add(call);
          return () => this.#orgListeners.delete(call);
        },
        onUnauthorized: async () => {
          await tab.clock.sleep(100);
          if (this.refreshFault !== null) throw this.refreshFault;
          if (!this.canRefresh) return 'signed_out';
          this.tokenIsGood = true;
          this.#tokens++;
          this.refreshes++;
          return 'refreshed';
        },
      },
      channel: this.#channel(tab),
    };
  }

  get #network(): NetworkPort {
    return {
      online: () => this.link.mode !== 'off',
      metered: () => this.link.metered,
      onChange: (listener) => {
        this.#networkListeners.add(listener);
        return () => this.#networkListeners.delete(listener);
      },
    };
  }

  #api(tab: SimTab): OutboxPorts['api'] {
    const { server } = this;
    const headers = () => ({ date: new Date(this.clock.trueTime()).toUTCString() });
    type Options = { signal?: AbortSignal; headers?: Record<string, string> };
    const call = async (work: () => unknown, { signal }: Options = {}) => {
      signal?.throwIfAborted();
      const body = await this.#call(tab, work);
      return { status: 200, body, headers: headers() };
    };
    type Request = { params: { session_id: string }; query: { session_id: string }; body: Record<string, unknown> };
    const api = {
      createSession: ({ body }: Request, options?: Options) =>
        call(() => server.createSession(String(body.id), body.turntable as string | undefined), options),
      getSession: ({ params }: Request, options?: Options) =>
        call(() => ({ ...server.session(params.session_id) }), options),
      updateSession: ({ params, body }: Request, options?: Options) =>
        call(
          () =>
            server.updateSession(
              params.session_id,
              String(body.status),
              (body.completed_at ?? body.abandoned_at) as string | undefined,
            ),
          options,
        ),
      presignImage: ({ body }: Request, options?: Options) =>
        call(() => {
          const { image, status, url } = server.presign(body);
          return { image_id: image.id, status, upload_url: url, headers: {}, confirm_upload: server.hasNoEvents };
        }, options),
      confirmUpload: ({ params, body }: { params: { image_id: string }; body: { kind: string } }, options?: Options) =>
        call(() => server.confirmUpload(`${params.image_id}/${body.kind}`), options),
      listImages: async ({ query }: Request, options?: Options) => {
        const reply = await call(() => this.#list(query.session_id), options);
        const etag = createHash('sha256').update(JSON.stringify(reply.body)).digest('hex');
        const isKnown = options?.headers?.['if-none-match'] === etag;
        return { ...reply, ...(isKnown ? { status: 304, body: null } : {}), headers: { ...reply.headers, etag } };
      },
      createEvents: ({ body }: { body: readonly { id: string; type: string }[] }, options?: Options) =>
        call(() => {
          for (const { id, type } of body) {
            server.events.set(id, type);
            server.eventOrgs.set(id, server.caller);
          }
          return { accepted: body.length, known: 0 };
        }, options),
    };
    return api as unknown as OutboxPorts['api'];
  }

  #list(session_id: string) {
    this.server.session(session_id);
    const items = [...this.server.images.values()]
      .filter((image) => image.session_id === session_id)
      .map((image) => {
        const original = image.original?.state === 'processed' ? image.original : null;
        const shown = original ?? image.preview;
        return {
          id: image.id,
          status: this.server.statusOf(image),
          hash_sha256: (shown ?? image.original)?.sha256 ?? null,
          uploaded_at: shown !== null && shown.state === 'processed' ? 'then' : null,
          shown_upload: original !== null ? 'original' : image.preview?.state === 'processed' ? 'preview' : null,
          original_state: image.original?.state === 'stored' ? 'expected' : (image.original?.state ?? null),
        };
      });
    return { items, total: items.length };
  }

  async #call(tab: SimTab, work: () => unknown): Promise<unknown> {
    const { org } = this;
    this.apiCalls++;
    await tab.clock.sleep(this.link.latency);
    if (this.link.mode !== 'on') throw new ConnectionError('no answer');
    const fault = this.faults[0]?.startsWith('put') ? undefined : this.faults.shift();
    switch (fault) {
      case 'rate_limited':
        throw apiError('rate_limited', { retryAfter: 3 });
      case 'internal':
      case 'unavailable':
        throw apiError(fault);
      case 'unauthorized':
        this.tokenIsGood = false;
        break;
      case 'unauthorized_late':
        await tab.clock.sleep(1_000 * ++this.#late);
        throw apiError('unauthenticated');
      case 'broken_off':
        throw new ConnectionError('broke off');
    }
    if (!this.tokenIsGood) throw apiError('unauthenticated');
    this.server.caller = org;
    const reply = work();
    await tab.clock.sleep(this.link.latency);
    if (fault === 'reply_lost' || this.link.mode !== 'on') throw new ConnectionError('broke off');
    return reply;
  }

  async #upload(
    tab: SimTab,
    put: { upload_url: string },
    bytes: SimBytes,
    onProgress: (sent: number) => void,
    signal: AbortSignal,
  ): Promise<void> {
    const fault =
      this.faults[0]?.startsWith('put') || this.faults[0] === 'broken_off' ? this.faults.shift() : undefined;
    const uploads = this.#uploads.get(tab) ?? new Map<SimBytes, number>();
    this.#uploads.set(tab, uploads.set(bytes, 0));
    this.maxInFlight = Math.max(
      this.maxInFlight,
      [...uploads.keys()].reduce((sum, { size }) => sum + size, 0),
    );
    try {
      await tab.clock.sleep(this.link.latency);
      for (let sent = 0; sent < bytes.size; ) {
        const step = Math.min(bytes.size - sent, Math.ceil(this.link.speed / 4 / uploads.size));
        await tab.clock.sleep(250);
        if (signal.aborted || this.link.mode !== 'on') throw new ConnectionError('broke off');
        sent += step;
        this.bytesSent += step;
        uploads.set(bytes, sent);
        onProgress(sent);
        if (fault === 'broken_off' && sent > bytes.size / 2) throw new ConnectionError('broke off');
      }
      if (fault === 'put_forbidden') throw new UploadRefused(403, '<Error><Code>AccessDenied</Code></Error>');
      if (fault === 'put_damaged') throw new UploadRefused(400, '<Error><Code>BadDigest</Code></Error>');
      if (fault === 'put_redirected') throw new UploadRefused(302, '');
      if (fault === 'put_500') throw new UploadRefused(500, '');
      if (fault === 'put_lost') return;
      const status = this.server.put(put.upload_url, bytes);
      await tab.clock.sleep(this.link.latency + (fault === 'put_answered_late' ? 20_000 : 0));
      if (status !== 200) throw new UploadRefused(status, '');
      if (fault === 'reply_lost') throw new ConnectionError('broke off');
      uploads.set(bytes, 0);
    } finally {
      this.bytesCutOff += uploads.get(bytes) ?? 0;
      uploads.delete(bytes);
    }
  }

  async #lock(tab: SimTab, work: () => Promise<void>, signal: AbortSignal): Promise<void> {
    while (this.#lockHolder !== null) await new Promise<void>((resolve) => this.#lockQueue.push(resolve));
    if (signal.aborted || tab.killed) return this.#lockQueue.shift()?.();
    this.#lockHolder = tab;
    await work();
    this.release(tab);
  }

  /** Releases the lock and the uploads of a tab, as the system does when a process ends. */
  release(tab: SimTab): void {
    for (const sent of this.#uploads.get(tab)?.values() ?? []) this.bytesCutOff += sent;
    this.#uploads.delete(tab);
    if (this.#lockHolder !== tab) return;
    this.#lockHolder = null;
    this.#lockQueue.shift()?.();
  }

  #channel(tab: SimTab): Channel {
    return {
      post: (message) => {
        for (const other of this.tabs)
          if (other !== tab) this.clock.after(1, () => other.receive(JSON.parse(JSON.stringify(message))));
      },
      onMessage: (listener) => {
        tab.listeners.add(listener);
        return () => tab.listeners.delete(listener);
      },
    };
  }
}

/** One run of the app. Once killed, its timers no longer fire and its writes have no effect. */
export class SimTab {
  readonly #world: SimWorld;
  readonly store: MemoryStore;
  readonly listeners = new Set<(message: unknown) => void>();
  killed = false;
  #outbox: Outbox<SimBytes> | null = null;

  constructor(world: SimWorld) {
    this.#world = world;
    this.store = new MemoryStore(world.disk, () => this.clock.sleep(2));
  }

  get outbox(): Outbox<SimBytes> {
    if (this.#outbox === null) throw new Error('not open');
    return this.#outbox;
  }

  get clock() {
    const { clock } = this.#world;
    return {
      now: () => clock.now(),
      elapsed: () => clock.elapsed(),
      after: (ms: number, call: () => void) => clock.after(ms, () => this.killed || call()),
      sleep: (ms: number) => new Promise<void>((resolve) => clock.after(ms, () => this.killed || resolve())),
    };
  }

  async open(): Promise<void> {
    this.#outbox = await openOutbox(this.#world.ports(this));
    this.#outbox.start();
  }

  receive(message: unknown): void {
    if (!this.killed) for (const listener of this.listeners) listener(message);
  }

  kill(): void {
    this.killed = true;
    this.store.kill();
    this.#world.tabs.delete(this);
    this.#world.release(this);
  }
}
