import type { CameraPort } from '@spinbay/capture/platform/camera.ts';
import type { CodeReaderPort } from '@spinbay/capture/platform/code-reader.ts';
import type { Picture } from '@spinbay/capture/platform/picture.ts';
import type { KeyValueStore, Platform } from '@spinbay/capture/platform/platform.tsx';
import type { NetworkPort } from '@spinbay/outbox';
import { getRandomBytes, randomUUID } from 'expo-crypto';
import * as Haptics from 'expo-haptics';
import { activateKeepAwakeAsync, deactivateKeepAwake } from 'expo-keep-awake';
import { getLocales } from 'expo-localization';
import * as MediaLibrary from 'expo-media-library';
import { Accelerometer } from 'expo-sensors';
import { Platform as System } from 'react-native';
import { CameraPreview } from './camera/preview';
import { NativeDialog } from './device/dialog';
import { NativeDrawing } from './device/drawing';
import { feedbackBy } from './device/feedback';
import { randomSecret } from './device/random-secret';
import { saveToLibrary } from './device/save-photo';
import { NativeSpin } from './device/spin';
import { watchTilt } from './device/tilt';
import { isStorageFault, Mutex } from './storage/database';
import type { NativePhoto } from './storage/photo-folder';

export interface NativePorts {
  readonly camera: CameraPort;
  readonly codes: CodeReaderPort;
  readonly store: KeyValueStore;
  readonly secrets: KeyValueStore;
  readonly network: NetworkPort;
}

/** The platform of the screens on iOS and Android. */
export function nativePlatform({ camera, codes, store, secrets, network }: NativePorts): Platform {
  const vibrate = feedbackBy(Haptics);
  const mutexes = new Map<string, Mutex>();
  return {
    name: System.OS === 'ios' ? 'ios' : 'android',
    model: modelOf(),
    language: getLocales()[0]?.languageTag ?? 'en',
    store,
    secrets,
    camera,
    codes,
    feedback: vibrate,
    // JavaScript receives no events of volume keys and remotes.
    onShutterKey: () => () => undefined,
    watchTilt: (listener) => watchTilt(Accelerometer, listener),
    keepAwake() {
      void activateKeepAwakeAsync('capture').catch(() => undefined);
      return () => void deactivateKeepAwake('capture').catch(() => undefined);
    },
    sendsInBackground: true,
    askBeforeLeaving: () => () => undefined,
    onNetwork: (listener) => network.onChange(listener),
    isOnline: () => network.online(),
    randomId: randomUUID,
    randomSecret: () => randomSecret(getRandomBytes),
    async exclusive(name, work) {
      const mutex = mutexes.get(name) ?? new Mutex();
      mutexes.set(name, mutex);
      return mutex.run(work);
    },
    // The system deletes documents only together with the app.
    persistStorage: async () => true,
    isStorageFault,
    pictureUrl: (picture: Picture) => ({ url: (picture as NativePhoto).uri, release: () => undefined }),
    savePhoto: (photo: Picture) => saveToLibrary(MediaLibrary, (photo as NativePhoto).uri),
    views: { Drawing: NativeDrawing, Dialog: NativeDialog, CameraPreview, Spin: NativeSpin },
  };
}

/** `iPhone, iOS 18.1`, or the manufacturer and model of an Android phone. */
function modelOf(): string {
  if (System.OS === 'android') {
    const { Manufacturer, Model, Release } = System.constants;
    return `${Manufacturer} ${Model}, Android ${Release}`;
  }
  if (System.OS === 'ios') {
    const { interfaceIdiom, osVersion } = System.constants;
    return `${interfaceIdiom === 'pad' ? 'iPad' : 'iPhone'}, iOS ${osVersion}`;
  }
  return 'phone';
}
