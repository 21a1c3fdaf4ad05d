import type { Client } from '@spinbay/client';
import type { Row } from './core/rows.ts';
import type { StorageState } from './types.ts';

/** The part of the API that the outbox uses. */
export type OutboxApi = Pick<
  Client,
  'createSession' | 'getSession' | 'updateSession' | 'presignImage' | 'confirmUpload' | 'listImages' | 'createEvents'
>;

/** What one transaction does: `row` null deletes it, left out keeps it as it is. */
export interface Change<Bytes> {
  readonly row?: Row | null;
  readonly put?: Readonly<Record<string, Bytes>>;
  readonly drop?: readonly string[];
}

export interface OutboxStore<Bytes> {
  rows(): Promise<Row[]>;
  row(id: string): Promise<Row | undefined>;
  /**
   * In one transaction, against every other tab: reads the row, asks `decide`, writes. It resolves when that is on disk.
   * @throws StorageFull
   */
  change(id: string, decide: (row: Row | undefined) => Change<Bytes>): Promise<void>;
  bytes(key: string): Promise<Bytes | undefined>;
  space(): Promise<Omit<StorageState, 'low'>>;
}

/** There is no room on the device. What was to be kept was not. */
export class StorageFull extends Error {
  override readonly name = 'StorageFull';
}

/** Bytes that were kept cannot be read any more. */
export class BytesMissing extends Error {
  override readonly name = 'BytesMissing';
}

export interface Clock {
  /** The wall clock, in epoch milliseconds: it may jump. */
  now(): number;
  /** Milliseconds that only grow. */
  elapsed(): number;
  /** Calls once after so many milliseconds. @returns a function that cancels it */
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

export interface OutboxPorts<Bytes = Blob> {
  readonly store: OutboxStore<Bytes>;
  readonly api: OutboxApi;
  /**
   * Puts the bytes to the signed URL with exactly these headers.
   * @throws UploadRefused, or ConnectionError where no proper answer of the store came
   */
  upload(
    put: { readonly upload_url: string; readonly headers: Record<string, string> },
    bytes: Bytes,
    onProgress: (sentBytes: number) => void,
    signal: AbortSignal,
  ): Promise<void>;
  /** As lower case hex. @throws BytesMissing */
  sha256(bytes: Bytes): Promise<string>;
  sizeOf(bytes: Bytes): number;
  readonly clock: Clock;
  /** At least 0, less than 1. */
  random(): number;
  newId(): string;
  readonly network: NetworkPort;
  /** Waits for the lock of the one runner, then runs `work` while it is held. Ends early when the signal aborts. */
  lock(work: () => Promise<void>, signal: AbortSignal): Promise<void>;
  readonly auth: { onUnauthorized(): Promise<'refreshed' | 'signed_out'> };
  readonly channel: Channel;
  readonly tuning?: Tuning;
}

export interface Tuning {
  /** Originals in flight at most. Default 2. */
  readonly originals?: number;
  /** Milliseconds until the server is asked first what became of a photo. Default 1,000. */
  readonly firstPoll?: number;
}
