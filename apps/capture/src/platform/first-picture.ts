import { CameraError } from './camera.ts';

/** How long a camera that has opened may send no picture, in ms. */
const longestStart = 10_000;

/**
 * Waits until a camera has started.
 * @param mayWait whether the system has paused the camera, as it does while the app is in the background
 * @throws CameraError if it sends no picture
 */
export async function untilStarted<T>(start: Promise<T>, mayWait: () => boolean = () => false): Promise<T> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const silence = new Promise<never>((_, reject) => {
    const wait = () => {
      timer = setTimeout(() => (mayWait() ? wait() : reject(new CameraError('silent'))), longestStart);
    };
    wait();
  });
  return Promise.race([start, silence]).finally(() => clearTimeout(timer));
}
