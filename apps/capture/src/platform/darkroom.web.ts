import { type BurstPick, pickBest } from '@spinbay/imaging/kernels';
import { takenAt } from '../photo/exif-segment.ts';
import type { Photo, PhotoMeasures, Shot } from './camera.ts';
import type { DevelopReply, DevelopRequest, MeasureReply, MeasureRequest } from './darkroom-messages.web.ts';

export interface Darkroom {
  /** Compresses the sharpest frame of a burst. Takes ownership: the caller must not use the frames afterwards. */
  develop(
    frames: readonly ImageBitmap[],
    options: { quality: number; previewSide: number; capturedAt: Date },
  ): Pick<Shot, 'photo' | 'measures' | 'burst'>;
  close(): void;
}

/** Two workers, so that the check of a photo never waits for the compression of the previous one. */
export function createDarkroom(): Darkroom {
  const developer = new Calls<DevelopRequest, Photo>(
    () => new Worker(new URL('./develop-worker.web.ts', import.meta.url), { type: 'module' }),
  );
  const measurer = new Calls<MeasureRequest, PhotoMeasures>(
    () => new Worker(new URL('./measure-worker.web.ts', import.meta.url), { type: 'module' }),
  );

  /** Measures a reduced copy. When `copied` resolves, the frame can be transferred. */
  function measure(frame: ImageBitmap) {
    const reduced = createImageBitmap(frame, { ...reducedSize(frame), resizeQuality: 'medium' });
    const measures = reduced
      .then((copy) => measurer.call({ reduced: copy }, [copy]))
      .catch((error: unknown) => {
        console.warn('The photo could not be measured.', error);
        return null;
      });
    return { copied: reduced.catch(() => null), measures };
  }

  return {
    develop(frames, { quality, previewSide, capturedAt }) {
      const measured = frames.map(measure);
      const picked = frames.length === 1 ? null : pick(measured);
      const photo = chosen(frames, measured, picked).then((frame) =>
        developer.call({ frame, quality, previewSide, takenAt: takenAt(capturedAt) }, [frame]),
      );
      return {
        photo,
        measures: Promise.resolve(picked).then((pick) => measured[pick?.best ?? 0]?.measures ?? null),
        burst: Promise.resolve(picked),
      };
    },
    close() {
      developer.end();
      measurer.end();
    },
  };
}

function pick(measured: readonly { measures: Shot['measures'] }[]): Promise<BurstPick> {
  const late = new Promise<null>((resolve) => setTimeout(() => resolve(null), longestMeasuring));
  return Promise.all(measured.map(({ measures }) => Promise.race([measures, late]))).then(pickBest);
}

/** Returns the chosen frame and frees the memory of the others: a frame of 12 megapixels takes 48 MB. */
async function chosen(
  frames: readonly ImageBitmap[],
  measured: readonly { copied: Promise<unknown> }[],
  picked: Promise<{ best: number }> | null,
): Promise<ImageBitmap> {
  const best = picked === null ? 0 : (await picked).best;
  await Promise.all(measured.map(({ copied }) => copied));
  for (const [k, frame] of frames.entries()) if (k !== best) frame.close();
  return frames[best] as ImageBitmap;
}

/** The longest time in ms that the photo of a burst waits for the check. */
const longestMeasuring = 5_000;

/** Long side of the measured copy, at which the kernels measure edges. */
const measuredSide = 1600;

function reducedSize({ width, height }: ImageBitmap): ImageBitmapOptions {
  const scale = Math.min(1, measuredSide / Math.max(width, height));
  return { resizeWidth: Math.max(1, Math.round(width * scale)), resizeHeight: Math.max(1, Math.round(height * scale)) };
}

/**
 * Requests to a worker and their replies. A request starts the worker if none runs: the previous one may have failed, or the
 * camera may have closed while a photo was in memory. After `end`, the worker stops with the last reply.
 */
class Calls<Request extends object, Result> {
  readonly #start: () => Worker;
  readonly #open = new Map<number, { resolve(result: Result): void; reject(error: Error): void }>();
  #worker: Worker | undefined;
  #next = 0;
  #ending = false;

  constructor(start: () => Worker) {
    this.#start = start;
    this.#worker = this.#startWorker();
  }

  call(request: Request, transfer: Transferable[]): Promise<Result> {
    return new Promise((resolve, reject) => {
      const call = this.#next++;
      this.#open.set(call, { resolve, reject });
      this.#worker ??= this.#startWorker();
      this.#worker.postMessage({ ...request, call }, transfer);
    });
  }

  end(): void {
    this.#ending = true;
    this.#endIfIdle();
  }

  #startWorker(): Worker {
    const worker = this.#start();
    worker.addEventListener('message', ({ data }: MessageEvent<DevelopReply | MeasureReply>) => {
      const call = this.#open.get(data.call);
      this.#open.delete(data.call);
      if (data.result === null) call?.reject(new Error(data.error));
      else call?.resolve(data.result as Result);
      this.#endIfIdle();
    });
    worker.addEventListener('error', (event) => {
      for (const { reject } of this.#open.values()) reject(new Error(event.message || 'the worker failed'));
      this.#open.clear();
      this.#endWorker();
    });
    return worker;
  }

  #endIfIdle(): void {
    if (this.#ending && this.#open.size === 0) this.#endWorker();
  }

  #endWorker(): void {
    this.#worker?.terminate();
    this.#worker = undefined;
  }
}
