import type { Point } from './mesh.ts';

/** A pinhole camera. It projects a point to (cx + f * right / depth, cy - f * up / depth). */
export interface Camera {
  readonly width: number;
  readonly height: number;
  readonly eye: Point;
  readonly right: Point;
  readonly up: Point;
  readonly forward: Point;
  /** Focal length in pixels. */
  readonly focal: number;
}

/** In metres, like the heights below. */
const eyeDistance = 7.7;
const eyeHeight = 1.5;
const targetHeight = 0.52;
/**
 * The tangent of half the horizontal field of view, as of a 43 mm lens on a full-frame camera. The side of the car then
 * fits into the central square that thumbnails show.
 */
const halfField = 0.415;

/**
 * The camera for an angle of the turntable. Everything is drawn in the car's coordinates, so the camera moves around the
 * car: at 0 degrees it looks at the front, at 90 at one side.
 */
export function cameraAt(angleDeg: number, width: number, height: number): Camera {
  const angle = (angleDeg * Math.PI) / 180;
  const [c, s] = [Math.cos(angle), Math.sin(angle)];
  const eye: Point = [eyeDistance * c, eyeDistance * s, eyeHeight];
  const drop = eyeHeight - targetHeight;
  const length = Math.hypot(eyeDistance, drop);
  const forward: Point = [(-eyeDistance * c) / length, (-eyeDistance * s) / length, -drop / length];
  const right: Point = [-s, c, 0];
  const up: Point = [
    right[1] * forward[2] - right[2] * forward[1],
    right[2] * forward[0] - right[0] * forward[2],
    right[0] * forward[1] - right[1] * forward[0],
  ];
  return { width, height, eye, right, up, forward, focal: width / 2 / halfField };
}
