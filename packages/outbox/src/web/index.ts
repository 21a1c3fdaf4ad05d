import { deviceRetention, type Outbox, type OutboxApi, type OutboxPorts, openOutbox, systemClock } from '../index.ts';
import { browserNetwork, channelOf, lockOf, sha256 } from './browser-ports.ts';
import { IndexedDbStore } from './indexed-db-store.ts';
import { upload } from './upload.ts';

export interface WebOutboxOptions {
  readonly client: OutboxApi;
  readonly auth: OutboxPorts['auth'];
  readonly databaseName: string;
}

/** The outbox of a browser. Every tab opens one. They share one database, and one tab sends. */
export async function openWebOutbox({ client, auth, databaseName }: WebOutboxOptions): Promise<Outbox<Blob>> {
  // If the browser refuses, `state().storage.persisted` is false and the app warns the operator.
  void navigator.storage?.persist?.().catch(() => false);
  return openOutbox({
    store: new IndexedDbStore(databaseName),
    api: client,
    upload,
    sha256,
    sizeOf: (blob) => blob.size,
    clock: systemClock,
    random: Math.random,
    newId: () => crypto.randomUUID(),
    network: browserNetwork,
    lock: lockOf(`${databaseName}-runner`),
    auth,
    channel: channelOf(databaseName),
    retention: deviceRetention,
  });
}
