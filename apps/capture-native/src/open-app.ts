import * as Transfers from '@kesha-antonov/react-native-background-downloader';
import { openServices } from '@spinbay/capture/app/open-services.ts';
import type { Services } from '@spinbay/capture/features/services.tsx';
import type { Platform } from '@spinbay/capture/platform/platform.tsx';
import Constants from 'expo-constants';
import { CryptoDigestAlgorithm, digest, randomUUID } from 'expo-crypto';
import { File } from 'expo-file-system';
import * as Network from 'expo-network';
import * as SecureStore from 'expo-secure-store';
import { openDatabaseAsync } from 'expo-sqlite';
import { Platform as System } from 'react-native';
import { VisionCamera } from 'react-native-vision-camera';
import { androidCodeOutput, iosCodeOutput } from './camera/code-outputs';
import { nativeCodeReader } from './camera/code-reader';
import { createDarkroom } from './camera/darkroom';
import { Measurer } from './camera/measurer';
import { visionCamera } from './camera/vision-camera';
import { openNetwork } from './device/network';
import { nativeConfig } from './native-config';
import { nativePlatform } from './native-platform';
import { BackgroundUploads } from './outbox/background-upload';
import { openNativeOutbox } from './outbox/open-native-outbox';
import { SqliteStore } from './outbox/sqlite-store';
import { Mutex, prepareDatabase } from './storage/database';
import { openKeyValueStore } from './storage/key-value';
import { openPhotoFolder } from './storage/photo-folder';
import { openSecrets } from './storage/secrets';

export interface OpenedApp {
  readonly platform: Platform;
  readonly services: Services;
}

let opened: Promise<OpenedApp> | null = null;

/** Opens the app once per process, because the screens and the background task share it. A failed start can be retried. */
export function openApp(): Promise<OpenedApp> {
  opened ??= open().catch((error: unknown) => {
    opened = null;
    throw error;
  });
  return opened;
}

async function open(): Promise<OpenedApp> {
  const config = nativeConfig(Constants.expoConfig?.extra);
  const database = await openDatabaseAsync('spinbay.db');
  await prepareDatabase(database);
  const mutex = new Mutex();
  const folder = openPhotoFolder();
  const store = await SqliteStore.open(database, mutex, folder);
  const uploads = await BackgroundUploads.open(Transfers, folder);
  const network = await openNetwork(Network);
  const measurer = new Measurer();
  const darkroom = createDarkroom({
    folder,
    newId: randomUUID,
    write: (uri, bytes) => new File(uri).write(bytes),
    measure: (pixels) => measurer.measure(pixels),
  });
  const os = System.OS === 'ios' ? 'ios' : 'android';
  const platform = nativePlatform({
    camera: visionCamera({ factory: VisionCamera, darkroom, os }),
    codes: nativeCodeReader(async () =>
      // The library is linked on Android only, and fails to load without its native part.
      os === 'ios'
        ? iosCodeOutput(VisionCamera)
        : androidCodeOutput((await import('react-native-vision-camera-barcode-scanner')).createBarcodeScannerOutput),
    ),
    store: openKeyValueStore(database, mutex),
    secrets: openSecrets(SecureStore),
    network,
  });
  const services = await openServices({
    platform,
    config,
    appVersion: Constants.expoConfig?.version ?? '0.0.0',
    openOutbox: (client, auth) =>
      openNativeOutbox({
        client,
        auth,
        store,
        uploads,
        network,
        newId: randomUUID,
        digest: async ({ uri }) => digest(CryptoDigestAlgorithm.SHA256, await new File(uri).bytes()),
      }),
  });
  return { platform, services };
}
