/** A magnified picture. `x` and `y` move its middle, in parts of the stage: 0.5 is half a stage. */
export interface Zoom {
  readonly scale: number;
  readonly x: number;
  readonly y: number;
}

export const unzoomed: Zoom = { scale: 1, x: 0, y: 0 };
export const maxScale = 8;

/** Magnifies to `scale` around a point (-0.5 to 0.5 from the middle of the stage), which stays where it is. */
export function zoomAt(zoom: Zoom, scale: number, px = 0, py = 0): Zoom {
  const next = Math.min(Math.max(scale, 1), maxScale);
  const ratio = next / zoom.scale;
  return clamp({ scale: next, x: px - (px - zoom.x) * ratio, y: py - (py - zoom.y) * ratio });
}

export function pan(zoom: Zoom, dx: number, dy: number): Zoom {
  return clamp({ scale: zoom.scale, x: zoom.x + dx, y: zoom.y + dy });
}

/** The stage is always filled: no edge of the picture comes inside it. A scale next to 1 is 1. */
function clamp({ scale, x, y }: Zoom): Zoom {
  if (scale < 1.01) return unzoomed;
  const room = (scale - 1) / 2;
  const within = (value: number) => Math.min(Math.max(value, -room), room);
  return { scale, x: within(x), y: within(y) };
}
