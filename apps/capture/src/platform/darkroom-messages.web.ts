import type { TakenAt } from '../photo/exif-segment.ts';
import type { Photo, PhotoMeasures } from './camera.ts';

export interface DevelopRequest {
  readonly frame: ImageBitmap;
  readonly quality: number;
  readonly previewSide: number;
  readonly takenAt: TakenAt;
}
export interface MeasureRequest {
  readonly reduced: ImageBitmap;
}

type Reply<T> = { readonly call: number } & (
  | { readonly result: T; readonly error?: undefined }
  | { readonly result: null; readonly error: string }
);
export type DevelopReply = Reply<Photo>;
export type MeasureReply = Reply<PhotoMeasures>;

/** Answers the requests to this worker, one at a time and in order. */
export function serveCalls<Request, Result>(answer: (request: Request) => Promise<Result>): void {
  const scope = self as unknown as {
    postMessage(reply: Reply<Result>): void;
    addEventListener(type: 'message', listener: (event: MessageEvent<Request & { call: number }>) => void): void;
  };
  let before: Promise<unknown> = Promise.resolve();
  scope.addEventListener('message', ({ data }) => {
    before = before.then(async () => {
      try {
        scope.postMessage({ call: data.call, result: await answer(data) });
      } catch (error) {
        scope.postMessage({
          call: data.call,
          result: null,
          error: error instanceof Error ? error.message : String(error),
        });
      }
    });
  });
}
