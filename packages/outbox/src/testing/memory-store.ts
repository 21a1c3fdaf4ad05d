import { upgradeRow } from '../core/upgrade.ts';
import { type Change, type OutboxStore, type Row, StorageFull, type StoredRow } from '../index.ts';

export interface SimBytes {
  readonly size: number;
  readonly digest: string;
}

/** The disk of a simulated device: what was written stays when the app is killed. Several tabs open the same one. */
export class SimDisk {
  readonly rows = new Map<string, StoredRow>();
  readonly bytes = new Map<string, SimBytes>();
  /** Bytes that fit. */
  room = Number.POSITIVE_INFINITY;

  get used(): number {
    return [...this.bytes.values()].reduce((sum, { size }) => sum + size, 0);
  }
}

/** The store of one run of the app on the disk. After `kill` nothing is written any more, as when a process has ended. */
export class MemoryStore implements OutboxStore<SimBytes> {
  readonly #disk: SimDisk;
  #killed = false;

  constructor(disk: SimDisk) {
    this.#disk = disk;
  }

  kill(): void {
    this.#killed = true;
  }

  async rows(): Promise<Row[]> {
    return [...this.#disk.rows.values()].flatMap((row) => upgradeRow(copy(row)) ?? []);
  }

  async row(id: string): Promise<Row | undefined> {
    const stored = this.#disk.rows.get(id);
    return stored && (upgradeRow(copy(stored)) ?? undefined);
  }

  async change(id: string, decide: (row: Row | undefined) => Change<SimBytes>): Promise<void> {
    if (this.#killed) return new Promise(() => undefined);
    const { row, put = {}, drop = [] } = decide(await this.row(id));
    const incoming = Object.values(put).reduce((sum, { size }) => sum + size, 0);
    if (incoming > 0 && this.#disk.used + incoming > this.#disk.room) throw new StorageFull('no room');
    for (const [key, bytes] of Object.entries(put)) this.#disk.bytes.set(key, bytes);
    for (const key of drop) this.#disk.bytes.delete(key);
    if (row === null) this.#disk.rows.delete(id);
    else if (row !== undefined) this.#disk.rows.set(id, copy(row as unknown as StoredRow));
  }

  async bytes(key: string): Promise<SimBytes | undefined> {
    return this.#disk.bytes.get(key);
  }

  async space() {
    const available = this.#disk.room - this.#disk.used;
    return { persisted: true, used: this.#disk.used, ...(Number.isFinite(available) ? { available } : {}) };
  }

  async close(): Promise<void> {}
}

function copy(row: StoredRow): StoredRow {
  return JSON.parse(JSON.stringify(row)) as StoredRow;
}
