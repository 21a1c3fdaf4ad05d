import type { UploadOption, UploadTask } from '@kesha-antonov/react-native-background-downloader';
import type { Transfers } from '../outbox/background-upload';

type Handlers = Required<Pick<UploadTask, 'progressHandler' | 'doneHandler' | 'errorHandler'>>;

/** An upload with the type of the library. The test decides how it ends. */
export class FakeUpload implements UploadTask {
  state: UploadTask['state'] = 'PENDING';
  metadata = {};
  errorCode = 0;
  bytesUploaded = 0;
  bytesTotal = 0;
  stopped = false;
  readonly handlers: Partial<Handlers> = {};
  readonly id: string;
  readonly options: UploadOption | null;

  constructor(id: string, options: UploadOption | null = null) {
    this.id = id;
    this.options = options;
  }

  begin() {
    return this;
  }
  progress(handler: Handlers['progressHandler']) {
    this.handlers.progressHandler = handler;
    return this;
  }
  done(handler: Handlers['doneHandler']) {
    this.handlers.doneHandler = handler;
    return this;
  }
  error(handler: Handlers['errorHandler']) {
    this.handlers.errorHandler = handler;
    return this;
  }
  setUploadParams() {}
  start() {
    this.state = 'UPLOADING';
  }
  async pause() {}
  async resume() {}
  async stop() {
    this.stopped = true;
  }
  tryParseJson() {
    return null;
  }

  answer(responseCode: number, responseBody = '') {
    this.handlers.doneHandler?.({ responseCode, responseBody, bytesUploaded: 0, bytesTotal: 0 });
  }
  fail(error: string, errorCode = -1009) {
    this.handlers.errorHandler?.({ error, errorCode });
  }
}

export class FakeTransfers implements Transfers {
  readonly created: FakeUpload[] = [];
  readonly completed: string[] = [];
  readonly #existing: FakeUpload[];

  /** @param existing uploads from an earlier run of the app */
  constructor(existing: FakeUpload[] = []) {
    this.#existing = existing;
  }

  createUploadTask(options: UploadOption) {
    const task = new FakeUpload(options.id, options);
    this.created.push(task);
    return task;
  }
  async getExistingUploadTasks() {
    return this.#existing;
  }
  completeHandler(id: string) {
    this.completed.push(id);
  }
}
