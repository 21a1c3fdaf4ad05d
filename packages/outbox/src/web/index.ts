import { type Outbox, type OutboxApi, type OutboxPorts, openOutbox } from '../index.ts';
import { browserClock, browserNetwork, channelOf, lockOf, sha256 } from './browser-ports.ts';
import { IndexedDbStore } from './indexed-db-store.ts';
import { upload } from './upload.ts';

export interface WebOutboxOptions {
  readonly client: OutboxApi;
  readonly auth: OutboxPorts['auth'];
  /** One outbox per organization and device: the rows of two never mix. */
  readonly databaseName: string;
}

/** The outbox of a browser. Every tab opens its own: they share what is on disk, and one of them sends. */
export async function openWebOutbox({ client, auth, databaseName }: WebOutboxOptions): Promise<Outbox<Blob>> {
  // Where the browser refuses, the operator is told that it may delete photos: `state().storage.persisted`.
  void navigator.storage?.persist?.().catch(() => false);
  return openOutbox({
    store: new IndexedDbStore(databaseName),
    api: client,
    upload,
    sha256,
    sizeOf: (blob) => blob.size,
    clock: browserClock,
    random: Math.random,
    newId: () => crypto.randomUUID(),
    network: browserNetwork,
    lock: lockOf(`${databaseName}-runner`),
    auth,
    channel: channelOf(databaseName),
  });
}
