import type { CameraLock, LockState } from './camera.ts';

type Track = Pick<MediaStreamTrack, 'getCapabilities' | 'getSettings' | 'getConstraints' | 'applyConstraints'>;
type Mode = 'exposureMode' | 'whiteBalanceMode';

/** Camera properties that TypeScript's library types lack. */
interface ImageSettings extends MediaTrackSettings {
  readonly exposureMode?: string;
  readonly whiteBalanceMode?: string;
  readonly exposureTime?: number;
  readonly iso?: number;
  readonly colorTemperature?: number;
}

/**
 * Locks exposure and white balance at their current values. Chrome on Android supports this, most other browsers do not.
 * Only the settings of the track show afterwards whether it worked.
 */
export async function lockLight(track: Track): Promise<CameraLock> {
  const { exposureTime, iso, colorTemperature } = track.getSettings() as ImageSettings;
  const exposure = canLock(track, 'exposureMode') ? held('exposureMode', { exposureTime, iso }) : {};
  const whiteBalance = canLock(track, 'whiteBalanceMode') ? held('whiteBalanceMode', { colorTemperature }) : {};
  // Together, because each call replaces the constraints of the one before.
  await apply(track, { ...exposure, ...whiteBalance });
  // A camera that refuses the combination may still accept the exposure, which changes a picture more.
  if (stateOf(track, 'exposureMode') === 'failed') await apply(track, exposure);
  return { exposure: stateOf(track, 'exposureMode'), white_balance: stateOf(track, 'whiteBalanceMode') };
}

/** Lets the camera adapt to the light again. */
export function unlockLight(track: Track): Promise<void> {
  return apply(track, { exposureMode: 'continuous', whiteBalanceMode: 'continuous' });
}

function canLock(track: Track, mode: Mode): boolean {
  const capabilities = track.getCapabilities?.() as Partial<Record<Mode, readonly string[]>> | undefined;
  return capabilities?.[mode]?.includes('manual') ?? false;
}

function held(mode: Mode, values: Readonly<Record<string, number | undefined>>): object {
  const known = Object.entries(values).filter(([, value]) => value !== undefined);
  return { [mode]: 'manual', ...Object.fromEntries(known) };
}

function stateOf(track: Track, mode: Mode): LockState {
  if (!canLock(track, mode)) return 'unsupported';
  return (track.getSettings() as ImageSettings)[mode] === 'manual' ? 'locked' : 'failed';
}

async function apply(track: Track, constraints: object): Promise<void> {
  if (Object.keys(constraints).length === 0) return;
  // A refusal shows in the settings.
  await track.applyConstraints({ ...track.getConstraints(), advanced: [constraints] }).catch(() => undefined);
}
