import { beforeEach, expect, test, vi } from 'vitest';
import { createDarkroom } from './darkroom.web.ts';

/** Answers each request after a turn of the event loop, like a worker. */
class FakeWorker extends EventTarget {
  static started: FakeWorker[] = [];
  static answers = true;
  running = true;
  requests = 0;

  constructor() {
    super();
    FakeWorker.started.push(this);
  }
  postMessage({ call }: { call: number }) {
    this.requests++;
    setTimeout(() => {
      if (this.running && FakeWorker.answers)
        this.dispatchEvent(new MessageEvent('message', { data: { call, result: 'done' } }));
    });
  }
  terminate() {
    this.running = false;
  }
  /** As after a script that could not be loaded: no request gets a reply. */
  fail() {
    this.running = false;
    this.dispatchEvent(new Event('error'));
  }
}

const frame = { width: 4032, height: 3024, close: () => undefined } as unknown as ImageBitmap;
const options = { quality: 0.92, previewSide: 1280, capturedAt: new Date() };

beforeEach(() => {
  FakeWorker.started = [];
  FakeWorker.answers = true;
  vi.stubGlobal('Worker', FakeWorker);
  vi.stubGlobal('createImageBitmap', async () => frame);
  const warn = vi.spyOn(console, 'warn').mockImplementation(() => undefined);
  return () => {
    vi.unstubAllGlobals();
    warn.mockRestore();
  };
});

test('a photo is developed even if the camera closes right after the press', async () => {
  const darkroom = createDarkroom();
  const { photo, measures } = darkroom.develop([frame], options);
  darkroom.close();
  expect(await Promise.all([photo, measures])).toEqual(['done', 'done']);
  expect(FakeWorker.started.filter(({ running }) => running)).toEqual([]);
});

test('a worker that could not start is started again for the next photo', async () => {
  const darkroom = createDarkroom();
  for (const worker of FakeWorker.started) worker.fail();
  const { photo, measures } = darkroom.develop([frame], options);
  expect(await Promise.all([photo, measures])).toEqual(['done', 'done']);
});

test('a worker that fails during a photo makes the photo fail', async () => {
  FakeWorker.answers = false;
  const { photo, measures } = createDarkroom().develop([frame], options);
  const failed = expect(photo).rejects.toThrow('the worker failed');
  await expect.poll(() => FakeWorker.started.map(({ requests }) => requests)).toEqual([1, 1]);
  for (const worker of FakeWorker.started) worker.fail();
  await failed;
  expect(await measures).toBeNull();
  expect(console.warn).toHaveBeenCalledWith('The photo could not be measured.', new Error('the worker failed'));
});
