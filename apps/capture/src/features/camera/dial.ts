/** The position of an angle on the dial: 0 at the top, clockwise. In units of the radius, from the centre. */
export function placeOnDial(angleDeg: number): { x: number; y: number } {
  const radians = (angleDeg * Math.PI) / 180;
  return { x: Math.sin(radians), y: -Math.cos(radians) };
}

/**
 * Where a press was, in pixels from the upper left corner of the pressed element. React Native reports `locationX`. On the
 * web, a press is the browser's click event, which has `offsetX`.
 * @returns null for a press without a position, such as one by key or by a screen reader
 */
export function pressPosition(nativeEvent: object): { x: number; y: number } | null {
  const { locationX, locationY, offsetX, offsetY, detail } = nativeEvent as Readonly<
    Record<string, number | undefined>
  >;
  const [x, y] = [locationX ?? offsetX, locationY ?? offsetY];
  return x === undefined || y === undefined || detail === 0 ? null : { x, y };
}

/** The angle that a tap on the dial selects: the nearest, or null in the middle. @param x from the centre, in radii */
export function angleAtTap(angles: readonly number[], x: number, y: number): number | null {
  if (Math.hypot(x, y) < 0.35) return null;
  const tapped = ((Math.atan2(x, -y) * 180) / Math.PI + 360) % 360;
  const distance = (angle: number) => Math.min(Math.abs(angle - tapped), 360 - Math.abs(angle - tapped));
  return angles.reduce<number | null>(
    (best, angle) => (best === null || distance(angle) < distance(best) ? angle : best),
    null,
  );
}
