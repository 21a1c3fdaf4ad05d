import { tiltOf } from '@spinbay/capture/photo/tilt.ts';
import type { Accelerometer } from 'expo-sensors';

type Sensor = Pick<typeof Accelerometer, 'addListener' | 'setUpdateInterval'>;

/** In milliseconds. */
const interval = 100;

export function watchTilt(sensor: Sensor, listener: (degrees: number | null) => void): () => void {
  sensor.setUpdateInterval(interval);
  const subscription = sensor.addListener(({ x, y, z }) => listener(tiltOf(x, y, z)));
  return () => subscription.remove();
}
