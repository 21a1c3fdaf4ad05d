import { createHash, randomUUID } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { BytesMissing, type Outbox, type OutboxApi, openOutbox, systemClock, type Tuning } from '../index.ts';
import { FileStore, type PhotoFile } from './file-store.ts';
import { upload } from './upload.ts';

export type { PhotoFile } from './file-store.ts';

export interface FileOutboxOptions {
  readonly client: OutboxApi;
  /** Used by this outbox only, and by one process at a time. */
  readonly folder: string;
  readonly tuning?: Tuning;
}

export interface FileOutbox extends Outbox<PhotoFile> {
  /** Sets the file of a photo's original. A photo that was added in an earlier run may have moved. */
  locate(image_id: string, file: PhotoFile): void;
  /** Stores the preview of a photo that is about to be added. It stays until the outbox stops. */
  storePreview(image_id: string, jpeg: Uint8Array): Promise<PhotoFile>;
}

/** The outbox of the command line. It sends files from a user's folder. */
export async function openFileOutbox({ client, folder, tuning }: FileOutboxOptions): Promise<FileOutbox> {
  const store = await FileStore.open(folder);
  // A preview that was not sent by the end of a run is no longer sent, because the original is sent anyway.
  const previews = join(folder, 'previews');
  const removePreviews = () => rm(previews, { recursive: true, force: true });
  await removePreviews();
  const outbox = await openOutbox<PhotoFile>({
    store,
    api: client,
    upload,
    sha256,
    sizeOf: ({ size }) => size,
    clock: systemClock,
    random: Math.random,
    newId: randomUUID,
    network: { online: () => true, onChange: () => () => undefined },
    lock: (work) => work(),
    // The user signs in before running the command.
    auth: {
      // The folder belongs to one session, and so to one organization.
      orgId: () => null,
      token: () => undefined,
      subscribe: () => () => undefined,
      onUnauthorized: async () => 'signed_out',
    },
    channel: { post: () => undefined, onMessage: () => () => undefined },
    ...(tuning === undefined ? {} : { tuning }),
  });
  const stop = outbox.stop.bind(outbox);
  return Object.assign(outbox, {
    locate: (image_id: string, file: PhotoFile) => store.locate(`${image_id}/original`, file),
    storePreview: async (image_id: string, jpeg: Uint8Array): Promise<PhotoFile> => {
      await mkdir(previews, { recursive: true, mode: 0o700 });
      const path = join(previews, `${image_id}.jpg`);
      await writeFile(path, jpeg, { mode: 0o600 });
      return { path, size: jpeg.length };
    },
    stop: () => stop().finally(removePreviews),
  });
}

async function sha256(file: PhotoFile): Promise<string> {
  if (file.sha256 !== undefined) return file.sha256;
  const hash = createHash('sha256');
  try {
    await pipeline(createReadStream(file.path), hash);
  } catch (cause) {
    throw new BytesMissing('The file can no longer be read.', { cause });
  }
  return hash.digest('hex');
}
