/**
 * The rotation in degrees that makes a line on the screen level: how far the device is turned from the nearest position
 * in which its sides are level. The parameters are the values of an accelerometer, with x to the right and y up. Their
 * unit and sign do not matter.
 * @returns null for a device that lies flat
 */
export function tiltOf(x: number, y: number, z: number): number | null {
  const all = Math.hypot(x, y, z);
  // When the device lies flat, the smallest movement changes the direction.
  if (!(all > 0) || Math.hypot(x, y) < 0.35 * all) return null;
  const degrees = (Math.atan2(x, y) * 180) / Math.PI;
  return degrees - 90 * Math.round(degrees / 90);
}
