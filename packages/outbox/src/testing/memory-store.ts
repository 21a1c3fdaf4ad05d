import { upgradeRow } from '../core/upgrade.ts';
import { type Change, type OutboxStore, type Row, StorageFull, type StoredRow } from '../index.ts';

export interface SimBytes {
  readonly size: number;
  readonly digest: string;
}

/** The room that the write of a row needs, in bytes. */
const rowSize = 1_000;

/** The disk of a simulated device. It survives when the app is killed, and several tabs can open it. */
export class SimDisk {
  readonly rows = new Map<string, StoredRow>();
  readonly bytes = new Map<string, SimBytes>();
  /** Capacity in bytes. On a full disk, no row can be written either. */
  room = Number.POSITIVE_INFINITY;

  get used(): number {
    return [...this.bytes.values()].reduce((sum, { size }) => sum + size, 0);
  }
}

/**
 * The store of one run of the app. A change takes some time before and after its effect. After `kill`, nothing is written,
 * as if the process had ended.
 */
export class MemoryStore implements OutboxStore<SimBytes> {
  readonly #disk: SimDisk;
  readonly #wait: () => Promise<void>;
  #killed = false;

  constructor(disk: SimDisk, wait: () => Promise<void>) {
    this.#disk = disk;
    this.#wait = wait;
  }

  kill(): void {
    this.#killed = true;
  }

  async rows(): Promise<Row[]> {
    return [...this.#disk.rows.values()].flatMap((row) => upgradeRow(copy(row)) ?? []);
  }

  async row(id: string): Promise<Row | undefined> {
    await this.#wait();
    const stored = this.#disk.rows.get(id);
    return stored && (upgradeRow(copy(stored)) ?? undefined);
  }

  async change(id: string, decide: (row: Row | undefined) => Change<SimBytes>): Promise<void> {
    await this.#wait();
    if (this.#killed) return;
    const stored = this.#disk.rows.get(id);
    const { row, put = {}, drop = [] } = decide(stored && (upgradeRow(copy(stored)) ?? undefined));
    const written = Object.values(put).reduce((sum, { size }) => sum + size, 0) + (row ? rowSize : 0);
    const incoming = written - drop.reduce((sum, key) => sum + (this.#disk.bytes.get(key)?.size ?? 0), 0);
    if (incoming > 0 && this.#disk.used + incoming > this.#disk.room) throw new StorageFull('no room');
    for (const [key, bytes] of Object.entries(put)) this.#disk.bytes.set(key, bytes);
    for (const key of drop) this.#disk.bytes.delete(key);
    if (row === null) this.#disk.rows.delete(id);
    else if (row !== undefined) this.#disk.rows.set(id, copy(row as unknown as StoredRow));
    await this.#wait();
  }

  async bytes(key: string): Promise<SimBytes | undefined> {
    await this.#wait();
    return this.#disk.bytes.get(key);
  }

  async space() {
    const available = this.#disk.room - this.#disk.used;
    return { persisted: true, used: this.#disk.used, ...(Number.isFinite(available) ? { available } : {}) };
  }
}

function copy(row: StoredRow): StoredRow {
  return JSON.parse(JSON.stringify(row)) as StoredRow;
}
