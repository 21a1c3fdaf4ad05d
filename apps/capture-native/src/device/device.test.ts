import type { SpinFrame } from '@spinbay/capture/platform/spin-frame.ts';
import type { NetworkState, NetworkStateType } from 'expo-network';
import { feedbackBy, type HapticsModule } from './feedback';
import { openNetwork } from './network';
import { randomSecret } from './random-secret';
import { type PhotoLibrary, saveToLibrary } from './save-photo';
import { watchTilt } from './tilt';
import { frameAt, turn } from './turn-spin';

const type = (name: string) => name as NetworkStateType;

test('the network has the state that the system reports, and an unknown state counts as connected', async () => {
  let change: (state: NetworkState) => void = () => undefined;
  const network = await openNetwork({
    getNetworkStateAsync: async () => ({}),
    addNetworkStateListener(listener) {
      change = listener;
      return { remove: () => undefined };
    },
  });
  const seen: boolean[] = [];
  const stop = network.onChange(() => seen.push(network.online()));
  expect([network.online(), network.metered()]).toEqual([true, false]);
  change({ isConnected: false, type: type('NONE') });
  change({ isConnected: true, type: type('CELLULAR') });
  expect(seen).toEqual([false, true]);
  expect(network.metered()).toBe(true);
  stop();
  change({ isConnected: false });
  expect(seen).toHaveLength(2);
});

test('a network whose state cannot be read counts as connected', async () => {
  const network = await openNetwork({
    getNetworkStateAsync: async () => Promise.reject(new Error('no')),
    addNetworkStateListener: () => ({ remove: () => undefined }),
  });
  expect(network.online()).toBe(true);
});

test('a photo, a warning and the end of a spin vibrate differently, and a phone without a motor causes no error', async () => {
  const felt: string[] = [];
  const haptics = {
    ImpactFeedbackStyle: { Heavy: 'heavy' },
    NotificationFeedbackType: { Success: 'success', Warning: 'warning' },
    impactAsync: async (style: string) => void felt.push(style),
    notificationAsync: async (kind: string) => {
      felt.push(kind);
      throw new Error('no motor');
    },
  } as unknown as HapticsModule;
  const feedback = feedbackBy(haptics);
  feedback('shutter');
  feedback('warning');
  feedback('done');
  expect(felt).toEqual(['heavy', 'warning', 'success']);
});

test('a secret is 32 random bytes as base64url', () => {
  expect(randomSecret((count) => new Uint8Array(count).fill(255))).toMatch(/^_{42}8$/);
});

test('saving to the gallery asks only for the permission to add, and reports a refusal and a full phone differently', async () => {
  const asked: unknown[] = [];
  const added: string[] = [];
  const library = (granted: boolean, full = false): PhotoLibrary => ({
    requestPermissionsAsync: async (...permissions) => {
      asked.push(permissions);
      return { granted } as never;
    },
    Asset: {
      create: async (uri: string) => {
        if (full) throw new Error('no space left');
        added.push(uri);
        return {} as never;
      },
    },
  });
  expect(await saveToLibrary(library(true), 'file://a.jpg')).toEqual({ state: 'saved' });
  expect(await saveToLibrary(library(false), 'file://b.jpg')).toEqual({ state: 'not_allowed' });
  expect(await saveToLibrary(library(true, true), 'file://c.jpg')).toEqual({
    state: 'failed',
    reason: 'no space left',
  });
  expect(added).toEqual(['file://a.jpg']);
  expect(asked[0]).toEqual([true, []]);
});

test('the tilt follows the accelerometer until the caller stops listening', () => {
  let measure: (values: { x: number; y: number; z: number; timestamp: number }) => void = () => undefined;
  let removed = 0;
  const tilts: (number | null)[] = [];
  const sensor = {
    setUpdateInterval: () => undefined,
    addListener(listener: typeof measure) {
      measure = listener;
      return { remove: () => void removed++ };
    },
  };
  const stop = watchTilt(sensor as never, (degrees) => tilts.push(degrees));
  measure({ x: 0, y: -1, z: 0, timestamp: 0 });
  measure({ x: 0, y: 0, z: -1, timestamp: 0 });
  stop();
  expect(tilts.map((tilt) => tilt && Math.abs(tilt))).toEqual([0, null]);
  expect(removed).toBe(1);
});

const frame = (angleDeg: number, url: string | null): SpinFrame => ({ angleDeg, id: null, url, qc: 'pass' });

test('a spin wraps around in both directions, and small steps of a slow drag add up', () => {
  expect(turn(0, -1, 24)).toBe(23);
  expect(turn(23, 2, 24)).toBe(1);
  expect(turn(turn(0, 0.5, 24), 0.5, 24)).toBe(1);
  expect(turn(0, 1, 0)).toBe(0);
});

test('a gap in a spin shows the next frame that has a picture', () => {
  const frames = [frame(0, 'a'), frame(15, null), frame(30, 'c')];
  expect(frameAt(frames, 0.9)?.angleDeg).toBe(0);
  expect(frameAt(frames, 1)?.angleDeg).toBe(30);
  expect(frameAt([frame(0, null)], 0)?.angleDeg).toBe(0);
  expect(frameAt([], 3)).toBeNull();
});
