/** How long a camera may take for the frames of a photo, in ms. A burst of 5 frames takes about a second. */
const longestShot = 10_000;

/** Calls `onLate` if the camera has not delivered in time. It may still deliver later. */
export function watchShot(shot: Promise<unknown>, onLate: () => void): void {
  const timer = setTimeout(onLate, longestShot);
  const end = () => clearTimeout(timer);
  shot.then(end, end);
}
