import type { Client } from '@spinbay/client';
import type { Row } from './core/rows.ts';
import type { StorageState } from './types.ts';

/** The part of the API that the outbox uses. */
export type OutboxApi = Pick<
  Client,
  'createSession' | 'getSession' | 'updateSession' | 'presignImage' | 'confirmUpload' | 'listImages' | 'createEvents'
>;

/**
 * The writes of one transaction. `row: null` deletes the row; leaving it out keeps it. `put` stores bytes, and `drop`
 * deletes them, by the keys of `bytesKey`.
 */
export interface Change<Bytes> {
  readonly row?: Row | null;
  readonly put?: Readonly<Record<string, Bytes>>;
  readonly drop?: readonly string[];
}

export interface OutboxStore<Bytes> {
  rows(): Promise<Row[]>;
  row(id: string): Promise<Row | undefined>;
  /**
   * Reads the row, calls `decide` and writes, in one transaction across all tabs. Resolves when the write is on disk.
   * @throws StorageFull
   */
  change(id: string, decide: (row: Row | undefined) => Change<Bytes>): Promise<void>;
  bytes(key: string): Promise<Bytes | undefined>;
  space(): Promise<Omit<StorageState, 'low'>>;
}

/** The device has no room left, so nothing was stored. */
export class StorageFull extends Error {
  override readonly name = 'StorageFull';
}

/** Stored bytes can no longer be read. */
export class BytesMissing extends Error {
  override readonly name = 'BytesMissing';
}

export interface Clock {
  /** The wall clock in epoch milliseconds. It may jump. */
  now(): number;
  /** A monotonic clock in milliseconds. */
  elapsed(): number;
  /** Calls the function once after `ms` milliseconds. @returns a function that cancels the call */
  after(ms: number, call: () => void): () => void;
}

export interface NetworkPort {
  online(): boolean;
  metered?(): boolean;
  onChange(listener: () => void): () => void;
}

/** Messages to the other tabs of the same outbox. */
export interface Channel {
  post(message: unknown): void;
  onMessage(listener: (message: unknown) => void): () => void;
}

export interface AuthPort {
  /** The organization that the device works for. Null: unknown, or always the same. */
  orgId(): string | null;
  /** The token that the next request will carry. */
  token(): string | undefined;
  /** Calls the listener after the organization has changed, before a request with the new token. */
  subscribe(listener: () => void): () => void;
  /**
   * @param refused the token that the server refused; it is replaced once, however many requests carried it
   * @throws if a refresh may succeed later. The message is shown to the user.
   */
  onUnauthorized(refused: string | undefined): Promise<'refreshed' | 'signed_out'>;
}

export interface OutboxPorts<Bytes = Blob> {
  readonly store: OutboxStore<Bytes>;
  readonly api: OutboxApi;
  /**
   * Uploads the bytes to the signed URL with exactly these headers.
   * @throws UploadRefused, ConnectionError if the object store gave no valid answer, or BytesMissing
   */
  upload(
    put: { readonly upload_url: string; readonly headers: Record<string, string> },
    bytes: Bytes,
    onProgress: (sentBytes: number) => void,
    signal: AbortSignal,
  ): Promise<void>;
  /** @returns the digest in lower-case hex. @throws BytesMissing */
  sha256(bytes: Bytes): Promise<string>;
  sizeOf(bytes: Bytes): number;
  readonly clock: Clock;
  /** At least 0, less than 1. */
  random(): number;
  newId(): string;
  readonly network: NetworkPort;
  /** Waits for the runner's lock and holds it while `work` runs. Stops waiting when the signal aborts. */
  lock(work: () => Promise<void>, signal: AbortSignal): Promise<void>;
  readonly auth: AuthPort;
  readonly channel: Channel;
  /** How long finished sessions stay on the device. Left out: forever. */
  readonly retention?: Retention;
  readonly tuning?: Tuning;
}

export interface Retention {
  /** This many of the newest finished sessions stay, however old they are. */
  readonly newest: number;
  /** The others stay for this many milliseconds after their end, unless storage is low. */
  readonly others: number;
}

/** The retention on a phone or tablet. The queue screen lists this number of sent sessions. */
export const deviceRetention: Retention = { newest: 12, others: 3 * 24 * 3_600_000 };

export interface Tuning {
  /** Maximum number of concurrent original uploads. Default: 2. */
  readonly originals?: number;
  /** Milliseconds before the first poll for the state of a sent photo. Default: 1,000. */
  readonly firstPoll?: number;
}
