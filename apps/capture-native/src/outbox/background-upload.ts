import type { UploadOption, UploadTask } from '@kesha-antonov/react-native-background-downloader';
import { ConnectionError, UploadRefused } from '@spinbay/client';
import { BytesMissing, type OutboxPorts } from '@spinbay/outbox';
import { type NativePhoto, nameOf, type PhotoFolder } from '../storage/photo-folder';

/** The part of the transfer library that the app uses. */
export interface Transfers {
  createUploadTask(options: UploadOption): UploadTask;
  getExistingUploadTasks(): Promise<UploadTask[]>;
  /** Tells iOS that the app has handled the end of a task. */
  completeHandler(id: string): void;
}

/**
 * Uploads photos with transfers of the system. A URLSession of iOS continues while the app is suspended, and after the
 * system has ended it. The id of a task is the file name of its photo: after a restart, the next attempt attaches to a task
 * that still runs and does not send the photo again. On Android the transfer ends with the process, and the outbox sends the
 * photo again.
 */
export class BackgroundUploads {
  readonly #transfers: Transfers;
  readonly #folder: PhotoFolder;
  readonly #running = new Map<string, UploadTask>();

  private constructor(transfers: Transfers, folder: PhotoFolder) {
    this.#transfers = transfers;
    this.#folder = folder;
  }

  /** Finds the uploads of an earlier run of the app. */
  static async open(transfers: Transfers, folder: PhotoFolder): Promise<BackgroundUploads> {
    const uploads = new BackgroundUploads(transfers, folder);
    // If the list cannot be read, the photos of these uploads are sent again. The server recognizes the repetition.
    const tasks = await transfers.getExistingUploadTasks().catch((error: unknown) => {
      console.warn('Earlier uploads could not be listed.', error);
      return [];
    });
    for (const task of tasks) {
      if (task.state === 'UPLOADING' || task.state === 'PENDING') uploads.#running.set(task.id, task);
      else transfers.completeHandler(task.id);
    }
    return uploads;
  }

  readonly upload: OutboxPorts<NativePhoto>['upload'] = async (put, photo, onProgress, signal) => {
    const id = nameOf(photo);
    const earlier = this.#running.get(id);
    this.#running.delete(id);
    if (earlier !== undefined) return this.#follow(earlier, onProgress, signal);
    if (this.#folder.read(id) === null) throw new BytesMissing('The photo can no longer be read from this device.');
    const task = this.#transfers.createUploadTask({
      id,
      url: put.upload_url,
      source: photo.uri.replace(/^file:\/\//, ''),
      method: 'PUT',
      headers: put.headers,
    });
    return this.#follow(task, onProgress, signal, () => task.start());
  };

  #follow(task: UploadTask, onProgress: (sent: number) => void, signal: AbortSignal, start?: () => void) {
    return new Promise<void>((resolve, reject) => {
      const stop = () => {
        void task.stop().catch(() => undefined);
        end(() => reject(signal.reason ?? new Error('The upload was stopped.')));
      };
      const end = (settle: () => void) => {
        signal.removeEventListener('abort', stop);
        this.#transfers.completeHandler(task.id);
        settle();
      };
      if (signal.aborted) return stop();
      signal.addEventListener('abort', stop);
      task
        .progress(({ bytesUploaded }) => onProgress(bytesUploaded))
        .done((reply) => end(() => settle(reply, resolve, reject)))
        .error(({ error, errorCode }) => end(() => reject(unanswered(error, errorCode))));
      start?.();
    });
  }
}

function settle(
  { responseCode, responseBody }: { responseCode: number; responseBody: string },
  resolve: () => void,
  reject: (error: Error) => void,
): void {
  const body = responseBody ?? '';
  if (responseCode < 200 || responseCode >= 300) reject(new UploadRefused(responseCode, body.slice(0, 4000)));
  // S3 answers a PUT with an empty body. A page from a proxy or captive portal does not count as success.
  else if (body !== '') reject(new ConnectionError('the answer to the upload did not come from the object store.'));
  else resolve();
}

function unanswered(error: string, code: number): Error {
  // Some versions report a refusal of the store as an error with its status.
  if (code >= 400 && code < 600) return new UploadRefused(code, error);
  return new ConnectionError(`the object store does not answer (${error}).`);
}
