import {
  BytesMissing,
  deviceRetention,
  type NetworkPort,
  type Outbox,
  type OutboxApi,
  type OutboxPorts,
  openOutbox,
  systemClock,
} from '@spinbay/outbox';
import type { NativePhoto } from '../storage/photo-folder';
import type { BackgroundUploads } from './background-upload';
import type { SqliteStore } from './sqlite-store';

export interface NativeOutboxOptions {
  readonly client: OutboxApi;
  readonly auth: OutboxPorts['auth'];
  readonly store: SqliteStore;
  readonly uploads: BackgroundUploads;
  readonly network: NetworkPort;
  readonly newId: () => string;
  /** SHA-256 of a photo. */
  readonly digest: (photo: NativePhoto) => Promise<ArrayBuffer>;
}

/** The outbox of a phone: one process, one connection to the database. */
export function openNativeOutbox(options: NativeOutboxOptions): Promise<Outbox<NativePhoto>> {
  const { client, auth, store, uploads, network, newId, digest } = options;
  return openOutbox<NativePhoto>({
    store,
    api: client,
    upload: uploads.upload,
    async sha256(photo) {
      const hash = await digest(photo).catch((cause: unknown) => {
        throw new BytesMissing('The photo can no longer be read from this device.', { cause });
      });
      return Array.from(new Uint8Array(hash), (byte) => byte.toString(16).padStart(2, '0')).join('');
    },
    sizeOf: ({ size }) => size,
    clock: systemClock,
    random: Math.random,
    newId,
    network,
    // There is one runner, because there is one process.
    lock: (work) => work(),
    auth,
    channel: { post: () => undefined, onMessage: () => () => undefined },
    retention: deviceRetention,
  });
}
