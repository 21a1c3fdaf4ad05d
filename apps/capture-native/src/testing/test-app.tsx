import { randomBytes, randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { App } from '@spinbay/capture/app/app.tsx';
import { openServices } from '@spinbay/capture/app/open-services.ts';
import { routes } from '@spinbay/capture/app/routes.tsx';
import type { Platform, SaveOutcome } from '@spinbay/capture/platform/platform.tsx';
import { render } from '@testing-library/react-native';
import { ActivityIndicator, Image, PanResponder, Pressable, ScrollView, Text, TextInput, View } from 'react-native';
import { createMemoryRouter } from 'react-router';
import { iosCodeOutput } from '../camera/code-outputs';
import { nativeCodeReader } from '../camera/code-reader';
import { createDarkroom } from '../camera/darkroom';
import { visionCamera } from '../camera/vision-camera';
import { NativeDialog } from '../device/dialog';
import { NativeDrawing } from '../device/drawing';
import { NativeSpin } from '../device/spin';
import { nativeConfig } from '../native-config';
import { BackgroundUploads } from '../outbox/background-upload';
import { openNativeOutbox } from '../outbox/open-native-outbox';
import { SqliteStore } from '../outbox/sqlite-store';
import { Mutex, prepareDatabase } from '../storage/database';
import { openKeyValueStore } from '../storage/key-value';
import { FakeCamera } from './fake-camera';
import { FakeTransfers } from './fake-transfers';
import { openNodeDatabase } from './node-database';
import { openNodeFolder } from './node-folder';

// React Native loads each component at its first use. Compiling it on a new machine can take a minute, so it is loaded here,
// before the timeout of the test starts.
void [ActivityIndicator, Image, PanResponder, Pressable, ScrollView, Text, TextInput, View];

export const site = { id: randomUUID(), name: 'Hall 1' };

/** The phone and the server of a test. */
export const world = {
  disk: '',
  isReachable: true,
  refusesSessions: false,
  /** How many enrolments the server was asked for. */
  enrolments: 0,
  /** How often the app has asked to keep the screen on. */
  awake: 0,
  savesPhoto: { state: 'saved' } as SaveOutcome,
};
const initial = { ...world };
let close: () => Promise<void> = async () => undefined;

beforeEach(() => {
  Object.assign(world, initial, { disk: mkdtempSync(join(tmpdir(), 'spinbay-app-')) });
});
afterEach(async () => {
  await close();
  close = async () => undefined;
  rmSync(world.disk, { recursive: true, force: true });
});

/** The API, without the routes that receive photos. */
function answer(url: string, init: RequestInit | undefined): Response {
  const json = (body: unknown, status = 200) =>
    new Response(JSON.stringify(body), { status, headers: { 'content-type': 'application/json' } });
  const path = new URL(url).pathname;
  if (path === '/auth/device') {
    world.enrolments++;
    if (!world.isReachable) throw new TypeError('Network request failed');
    const { device_id } = JSON.parse(String(init?.body));
    const expires_at = new Date(Date.now() + 30 * 24 * 3_600_000).toISOString();
    return json({ token: 'token', device_id, device_secret: 'secret', expires_at });
  }
  if (path === '/sites') return json({ items: [site] });
  if (path === '/sessions' && world.refusesSessions) return json({ code: 'forbidden', title: 'No' }, 403);
  throw new TypeError('Network request failed');
}

export async function openTestApp() {
  const fetch = async (input: unknown, init?: RequestInit) => answer(String(input), init);
  Object.defineProperty(globalThis, 'fetch', { configurable: true, writable: true, value: fetch });
  const database = openNodeDatabase(join(world.disk, 'spinbay.db'));
  await prepareDatabase(database);
  const mutex = new Mutex();
  const folder = openNodeFolder(join(world.disk, 'photos'));
  const store = await SqliteStore.open(database, mutex, folder);
  const uploads = await BackgroundUploads.open(new FakeTransfers(), folder);
  const fake = new FakeCamera();
  const darkroom = createDarkroom({
    folder,
    newId: randomUUID,
    write: (uri, bytes) => writeFileSync(uri.replace('file://', ''), bytes),
    measure: async () => null,
  });
  const values = openKeyValueStore(database, mutex);
  const network = { online: () => true, metered: () => false, onChange: () => () => undefined };
  const platform: Platform = {
    name: 'ios',
    model: 'Test phone',
    language: 'en',
    store: values,
    secrets: values,
    camera: visionCamera({ factory: fake.factory, darkroom, os: 'ios' }),
    codes: nativeCodeReader(async () => iosCodeOutput(fake.factory)),
    feedback: () => undefined,
    onShutterKey: () => () => undefined,
    watchTilt: () => () => undefined,
    keepAwake() {
      world.awake++;
      return () => void world.awake--;
    },
    sendsInBackground: true,
    askBeforeLeaving: () => () => undefined,
    onNetwork: () => () => undefined,
    isOnline: () => true,
    randomId: randomUUID,
    randomSecret: () => randomBytes(32).toString('base64url'),
    exclusive: (_, work) => appMutex.run(work),
    persistStorage: async () => true,
    isStorageFault: () => false,
    pictureUrl: (picture) => ({ url: (picture as unknown as { uri: string }).uri, release: () => undefined }),
    savePhoto: async () => world.savesPhoto,
    views: {
      Drawing: NativeDrawing,
      Dialog: NativeDialog,
      CameraPreview: () => <Text>preview</Text>,
      Spin: NativeSpin,
    },
  };
  const appMutex = new Mutex();
  const services = await openServices({
    platform,
    config: nativeConfig({ apiUrl: 'https://api.example.com', orgId: randomUUID(), siteId: null }),
    appVersion: '1.0.0',
    openOutbox: (client, auth) =>
      openNativeOutbox({
        client,
        auth,
        store,
        uploads,
        network,
        newId: randomUUID,
        digest: async () => new Uint8Array(32).buffer,
      }),
  });
  close = async () => {
    await services.outbox.stop();
    await mutex.run(async () => database.close());
  };
  const router = createMemoryRouter(routes);
  render(<App platform={platform} services={services} router={router} />);
  return { services, router, fake };
}
