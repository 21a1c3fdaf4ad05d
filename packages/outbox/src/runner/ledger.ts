import { type PhotoChange, reducePhoto, reduceSession, type SessionChange } from '../core/reduce.ts';
import { bytesKey, defaultSettings, type PhotoRow, type Row, type SessionRow, type SettingsRow } from '../core/rows.ts';
import { type UploadEvent, uploadEvent } from '../core/upload-event.ts';
import type { Change, OutboxPorts } from '../ports.ts';
import { eventRow } from './add-rows.ts';

/** Holds all rows in memory. Each change is written to disk in one transaction before it shows here and in other tabs. */
export class Ledger<Bytes> {
  readonly #ports: OutboxPorts<Bytes>;
  readonly #rows = new Map<string, Row>();
  readonly #listeners = new Set<() => void>();
  #lastSeq = 0;

  private constructor(ports: OutboxPorts<Bytes>) {
    this.#ports = ports;
  }

  static async open<Bytes>(ports: OutboxPorts<Bytes>): Promise<Ledger<Bytes>> {
    const ledger = new Ledger(ports);
    for (const row of await ports.store.rows()) ledger.#setRow(row.id, row);
    return ledger;
  }

  get rows(): ReadonlyMap<string, Row> {
    return this.#rows;
  }

  get settings(): SettingsRow {
    const row = this.#rows.get('settings');
    return row?.kind === 'settings' ? row : defaultSettings;
  }

  photo(id: string): PhotoRow | undefined {
    const row = this.#rows.get(id);
    return row?.kind === 'photo' ? row : undefined;
  }

  session(id: string): SessionRow | undefined {
    const row = this.#rows.get(id);
    return row?.kind === 'session' ? row : undefined;
  }

  nextSeq(): number {
    this.#lastSeq += 1;
    return this.#lastSeq;
  }

  onChange(listener: () => void): void {
    this.#listeners.add(listener);
  }

  /** @returns the row after the change */
  async change(id: string, decide: (row: Row | undefined) => Change<Bytes>): Promise<Row | undefined> {
    let after: Row | undefined;
    let changed = false;
    await this.#ports.store.change(id, (row) => {
      const change = decide(row);
      after = change.row === null ? undefined : (change.row ?? row);
      changed = change.row !== undefined || change.put !== undefined || change.drop !== undefined;
      return change;
    });
    const before = this.#rows.get(id);
    this.#setRow(id, after);
    if (changed) this.#ports.channel.post({ rows: [id] });
    if (changed || before !== after) this.#notify();
    return after;
  }

  /** @returns undefined if the photo no longer exists */
  async changePhoto(id: string, ...changes: readonly PhotoChange[]): Promise<PhotoRow | undefined> {
    let event: UploadEvent | null = null;
    const row = await this.change(id, (before) => {
      if (before?.kind !== 'photo') return {};
      const after = changes.reduce(reducePhoto, before);
      event = uploadEvent(before, after);
      if (after === before) return {};
      const isDone = after.original.progress.state === 'confirmed' && before.original.progress.state !== 'confirmed';
      const isEqual = changes.some((one) => one.type === 'seen' && one.image.sha256 === after.original.sha256);
      if (!isDone || !isEqual || this.settings.keep_originals) return { row: after };
      return { row: reducePhoto(after, { type: 'original_deleted' }), drop: [bytesKey(id, 'original')] };
    });
    if (event !== null) await this.#report(id, event);
    return row?.kind === 'photo' ? row : undefined;
  }

  async changeSession(id: string, ...changes: readonly SessionChange[]): Promise<SessionRow | undefined> {
    const row = await this.change(id, (before) => {
      if (before?.kind !== 'session') return {};
      const after = changes.reduce(reduceSession, before);
      return after === before ? {} : { row: after };
    });
    return row?.kind === 'session' ? row : undefined;
  }

  /** Rereads rows that another tab has changed. */
  async reload(ids: readonly string[]): Promise<void> {
    for (const id of ids) this.#setRow(id, await this.#ports.store.row(id));
    this.#notify();
  }

  /** Queues an event that says that a photo arrived, or why it did not. */
  async #report(entity_id: string, event: UploadEvent): Promise<void> {
    const at = new Date(this.#ports.clock.now()).toISOString();
    const orgId = this.session(this.photo(entity_id)?.session_id ?? '')?.org_id ?? null;
    const row = eventRow({ entity_type: 'image', entity_id, at, ...event }, orgId, this.#ports.newId(), this.nextSeq());
    await this.change(row.id, () => ({ row }));
  }

  #setRow(id: string, row: Row | undefined): void {
    if (row === undefined) this.#rows.delete(id);
    else this.#rows.set(id, row);
    if (row !== undefined && 'seq' in row) this.#lastSeq = Math.max(this.#lastSeq, row.seq);
  }

  #notify(): void {
    for (const listener of this.#listeners) listener();
  }
}
