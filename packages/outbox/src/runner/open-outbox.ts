import type { UploadKind } from '@spinbay/contracts';
import { photosBySession } from '../core/plan.ts';
import { reducePhoto, reduceSession } from '../core/reduce.ts';
import { bytesKey, defaultSettings } from '../core/rows.ts';
import { idleState, type LiveState, snapshotOf } from '../core/snapshot.ts';
import type { OutboxPorts } from '../ports.ts';
import type {
  LocalEvent,
  NewPhoto,
  NewSession,
  Outbox,
  OutboxSettings,
  OutboxState,
  SessionEnd,
  StorageState,
  Stuck,
} from '../types.ts';
import { eventRow, photoChange, sessionRow } from './add-rows.ts';
import { followSessions } from './follow-sessions.ts';
import { Ledger } from './ledger.ts';
import { pruneSessions } from './prune-sessions.ts';
import { Runner } from './runner.ts';

/** Free space in bytes below which `storage.low` is set: room for about 24 photos. */
const lowSpace = 200_000_000;
const spaceEvery = 30_000;
const pruneEvery = 3_600_000;

/** Opens the outbox from disk. `start` starts sending. */
export async function openOutbox<Bytes>(ports: OutboxPorts<Bytes>): Promise<Outbox<Bytes>> {
  const outbox = new OpenOutbox(ports, await Ledger.open(ports));
  await outbox.assignOrg();
  await outbox.measureSpace();
  return outbox;
}

type Message = { readonly rows: readonly string[] } | { readonly live: LiveState } | { readonly retry: string | null };

class OpenOutbox<Bytes> implements Outbox<Bytes> {
  readonly #ports: OutboxPorts<Bytes>;
  readonly #ledger: Ledger<Bytes>;
  readonly #listeners = new Set<() => void>();
  #live: LiveState = idleState;
  #storage: StorageState = { persisted: 'unknown', low: false };
  #spaceAt = Number.NEGATIVE_INFINITY;
  #state: OutboxState | null = null;
  #runner: Runner<Bytes> | null = null;
  /** This tab holds the lock. */
  #sends = false;
  #run: { readonly controller: AbortController; readonly done: Promise<void> } | null = null;

  constructor(ports: OutboxPorts<Bytes>, ledger: Ledger<Bytes>) {
    this.#ports = ports;
    this.#ledger = ledger;
    ledger.onChange(() => {
      this.#runner?.wake();
      this.#notify();
    });
    ports.auth.subscribe(() => {
      void this.assignOrg();
      this.#notify();
    });
    ports.channel.onMessage((message) => this.#receive(message as Message));
  }

  async addSession(session: NewSession): Promise<void> {
    const orgId = this.#ports.auth.orgId();
    await this.#ledger.change(session.id, (row) => {
      if (row === undefined) return { row: sessionRow(session, orgId, this.#ledger.nextSeq()) };
      const change = { type: 'reopened', onServer: session.on_server === true } as const;
      return row.kind === 'session' ? { row: reduceSession(row, change) } : {};
    });
  }

  async addPhoto(photo: NewPhoto<Bytes>): Promise<void> {
    // Another tab may have added the session, and its message may not have arrived yet.
    if (this.#ledger.session(photo.session_id) === undefined) await this.#ledger.reload([photo.session_id]);
    if (this.#ledger.session(photo.session_id) === undefined)
      throw new Error(`the session ${photo.session_id} must be added before its photos`);
    const change = photoChange(photo, this.#ledger.nextSeq(), this.#ports);
    try {
      await this.#ledger.change(photo.image_id, (row) => {
        if (row === undefined) return change;
        // The command line adds all photos again in each run. This retries the stuck ones.
        return row.kind === 'photo' && row.stuck !== null ? { row: reducePhoto(row, { type: 'retried' }) } : {};
      });
    } finally {
      if (this.#ports.clock.elapsed() - this.#spaceAt > spaceEvery) void this.measureSpace();
    }
  }

  async removePhoto(image_id: string): Promise<'removed' | 'already_sent'> {
    let outcome: 'removed' | 'already_sent' = 'removed';
    await this.#ledger.change(image_id, (row) => {
      outcome = row?.kind === 'photo' && row.asked ? 'already_sent' : 'removed';
      if (row?.kind !== 'photo' || row.asked) return {};
      return { row: null, drop: [bytesKey(image_id, 'original'), bytesKey(image_id, 'preview')] };
    });
    return outcome;
  }

  async endSession({ session_id, status, at }: SessionEnd): Promise<void> {
    await this.#ledger.changeSession(session_id, { type: 'ended', status, at });
  }

  async addEvent(event: LocalEvent): Promise<void> {
    const row = eventRow(event, this.#ports.auth.orgId(), this.#ports.newId(), this.#ledger.nextSeq());
    await this.#ledger.change(row.id, () => ({ row }));
  }

  retry(item_id?: string): void {
    void this.#unstick(item_id).then(() => {
      this.#runner?.retry(item_id);
      if (!this.#sends) this.#ports.channel.post({ retry: item_id ?? null } satisfies Message);
    });
  }

  readOriginal(image_id: string): Promise<Bytes | undefined> {
    return this.#read(image_id, 'original');
  }

  readPreview(image_id: string): Promise<Bytes | undefined> {
    return this.#read(image_id, 'preview');
  }

  state(): OutboxState {
    this.#state ??= snapshotOf(this.#ledger.rows, { live: this.#live, orgId: this.#ports.auth.orgId() }, this.#storage);
    return this.#state;
  }

  subscribe(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  start(): void {
    if (this.#run !== null) return;
    const controller = new AbortController();
    const runner = new Runner(this.#ports, this.#ledger, (live) => this.#publishLive(live));
    this.#runner = runner;
    const work = async () => {
      this.#sends = true;
      try {
        await this.#unstick(undefined, ({ reason }) => reason === 'update_needed');
        this.#prune(controller.signal);
        await runner.run(controller.signal);
      } finally {
        this.#sends = false;
      }
    };
    const done = this.#ports.lock(work, controller.signal).catch((error: unknown) => {
      if (!controller.signal.aborted) throw error;
    });
    this.#run = { controller, done };
  }

  async stop(): Promise<void> {
    const run = this.#run;
    if (run === null) return;
    run.controller.abort();
    await run.done;
    this.#run = null;
    this.#runner = null;
  }

  async settings({ keepOriginals, originalsOnMetered }: OutboxSettings): Promise<void> {
    await this.#ledger.change('settings', (row) => {
      const before = row?.kind === 'settings' ? row : defaultSettings;
      return {
        row: {
          ...before,
          keep_originals: keepOriginals ?? before.keep_originals,
          originals_on_metered: originalsOnMetered ?? before.originals_on_metered,
        },
      };
    });
  }

  /** Rows of earlier releases name no organization. They belong to the one that the device works for. */
  async assignOrg(): Promise<void> {
    const org_id = this.#ports.auth.orgId();
    if (org_id === null) return;
    const photos = photosBySession(this.#ledger.rows.values());
    for (const { id, ...row } of [...this.#ledger.rows.values()]) {
      if (!('org_id' in row) || row.org_id !== null) continue;
      // If this organization refused the session, it may belong to one in which the device was enrolled earlier.
      if (row.kind === 'session' && [row, ...(photos.get(id) ?? [])].some(({ stuck }) => stuck !== null)) continue;
      // If the device is full, the row does not change. It is sent nevertheless.
      await this.#ledger
        .change(id, (before) =>
          before !== undefined && 'org_id' in before && before.org_id === null ? { row: { ...before, org_id } } : {},
        )
        .catch(() => undefined);
    }
  }

  /** Removes finished sessions now and every hour until the signal aborts. */
  #prune(signal: AbortSignal): void {
    const { retention, clock } = this.#ports;
    if (retention === undefined || signal.aborted) return;
    const prune = () => pruneSessions(this.#ledger, retention, clock.now(), this.#storage.low);
    // A request or a removal that fails is repeated an hour later.
    void followSessions(this.#ledger, this.#ports, retention.others, signal)
      .catch(() => undefined)
      .then(prune)
      .catch(() => undefined);
    const cancel = clock.after(pruneEvery, () => {
      signal.removeEventListener('abort', cancel);
      this.#prune(signal);
    });
    signal.addEventListener('abort', cancel);
  }

  async measureSpace(): Promise<void> {
    this.#spaceAt = this.#ports.clock.elapsed();
    const space = await this.#ports.store.space();
    this.#storage = { ...space, low: space.available !== undefined && space.available < lowSpace };
    this.#notify();
  }

  /** Releases what is stuck. An item that cannot be written, because the device is full, stays stuck until the next call. */
  async #unstick(id: string | undefined, of: (stuck: Stuck) => boolean = () => true): Promise<void> {
    for (const row of [...this.#ledger.rows.values()]) {
      if (!('stuck' in row) || row.stuck === null || !of(row.stuck) || (id ?? row.id) !== row.id) continue;
      const release =
        row.kind === 'photo'
          ? this.#ledger.changePhoto(row.id, { type: 'retried' })
          : this.#ledger.changeSession(row.id, { type: 'retried' });
      await release.catch(() => undefined);
    }
  }

  async #read(image_id: string, file: UploadKind): Promise<Bytes | undefined> {
    return this.#ports.store.bytes(bytesKey(image_id, file));
  }

  /** Only the sending tab publishes its live state. */
  #publishLive(live: LiveState): void {
    if (!this.#sends) return;
    this.#live = live;
    this.#ports.channel.post({ live } satisfies Message);
    this.#notify();
  }

  #receive(message: Message): void {
    if ('rows' in message) void this.#ledger.reload(message.rows);
    else if ('retry' in message) this.#runner?.retry(message.retry ?? undefined);
    else if (!this.#sends) {
      this.#live = message.live;
      this.#notify();
    }
  }

  #notify(): void {
    this.#state = null;
    for (const listener of this.#listeners) listener();
  }
}
