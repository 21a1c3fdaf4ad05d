/** A zoomed picture. `x` and `y` shift its centre, in fractions of the stage: 0.5 is half a stage. */
export interface Zoom {
  readonly scale: number;
  readonly x: number;
  readonly y: number;
}

export const unzoomed: Zoom = { scale: 1, x: 0, y: 0 };
export const maxScale = 8;

/** Zooms to `scale` around a point (-0.5 to 0.5 from the centre of the stage), which stays in place. */
export function zoomAt(zoom: Zoom, scale: number, px = 0, py = 0): Zoom {
  const next = Math.min(Math.max(scale, 1), maxScale);
  const ratio = next / zoom.scale;
  return clamp({ scale: next, x: px - (px - zoom.x) * ratio, y: py - (py - zoom.y) * ratio });
}

export function pan(zoom: Zoom, dx: number, dy: number): Zoom {
  return clamp({ scale: zoom.scale, x: zoom.x + dx, y: zoom.y + dy });
}

/** Keeps the edges of the picture outside the stage. A scale close to 1 becomes 1. */
function clamp({ scale, x, y }: Zoom): Zoom {
  if (scale < 1.01) return unzoomed;
  const room = (scale - 1) / 2;
  const within = (value: number) => Math.min(Math.max(value, -room), room);
  return { scale, x: within(x), y: within(y) };
}
