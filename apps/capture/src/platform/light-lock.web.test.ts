import { expect, test } from 'vitest';
import { lockLight, unlockLight } from './light-lock.web.ts';

const automatic = { exposureMode: 'continuous', whiteBalanceMode: 'continuous' };

/** A camera as the Media Capture specification describes it: each call replaces all constraints of the one before. */
function fakeTrack({ modes = ['exposureMode', 'whiteBalanceMode'], refuses = (_: object): boolean => false } = {}) {
  let constraints: MediaTrackConstraints = { facingMode: 'environment' };
  let set: object = {};
  const track = {
    getCapabilities: () => Object.fromEntries(modes.map((mode) => [mode, ['manual', 'continuous']])),
    getSettings: () => ({ ...automatic, exposureTime: 80, iso: 200, colorTemperature: 5_000, ...set }),
    getConstraints: () => constraints,
    applyConstraints: async (wanted: MediaTrackConstraints = {}) => {
      constraints = wanted;
      const advanced = Object.assign({}, ...(wanted.advanced ?? []));
      // An advanced constraint that cannot be met is left out without an error.
      set = refuses(advanced) ? {} : advanced;
    },
  };
  return { track: track as never, settings: () => track.getSettings(), constraints: () => constraints };
}

test('the exposure stays locked when the white balance is locked, too', async () => {
  const { track, settings, constraints } = fakeTrack();
  expect(await lockLight(track)).toEqual({ exposure: 'locked', white_balance: 'locked' });
  expect(settings()).toMatchObject({ exposureMode: 'manual', exposureTime: 80, whiteBalanceMode: 'manual' });
  expect(constraints()).toMatchObject({ facingMode: 'environment' });
  await unlockLight(track);
  expect(settings()).toMatchObject(automatic);
});

test('if a camera cannot lock both, it locks only the exposure, and each state is what the camera reports', async () => {
  const { track, settings } = fakeTrack({ refuses: (wanted) => 'colorTemperature' in wanted });
  expect(await lockLight(track)).toEqual({ exposure: 'locked', white_balance: 'failed' });
  expect(settings()).toMatchObject({ exposureMode: 'manual', whiteBalanceMode: 'continuous' });
});

test('a camera without these controls, or that refuses them, says so', async () => {
  expect(await lockLight(fakeTrack({ modes: [] }).track)).toEqual({
    exposure: 'unsupported',
    white_balance: 'unsupported',
  });
  expect(await lockLight(fakeTrack({ modes: ['whiteBalanceMode'] }).track)).toEqual({
    exposure: 'unsupported',
    white_balance: 'locked',
  });
  expect(await lockLight(fakeTrack({ refuses: () => true }).track)).toEqual({
    exposure: 'failed',
    white_balance: 'failed',
  });
});
