import { randomBytes, randomUUID } from 'node:crypto';
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { App } from '@spinbay/capture/app/app.tsx';
import { openServices } from '@spinbay/capture/app/open-services.ts';
import { routes } from '@spinbay/capture/app/routes.tsx';
import type { Platform, SaveOutcome } from '@spinbay/capture/platform/platform.tsx';
import { act, fireEvent, render, screen, waitFor } from '@testing-library/react-native';
import { ActivityIndicator, Image, PanResponder, Pressable, ScrollView, Text, TextInput, View } from 'react-native';
import { createMemoryRouter } from 'react-router';
import { iosCodeOutput } from './camera/code-outputs';
import { nativeCodeReader } from './camera/code-reader';
import { createDarkroom } from './camera/darkroom';
import { visionCamera } from './camera/vision-camera';
import { NativeDialog } from './device/dialog';
import { NativeDrawing } from './device/drawing';
import { NativeSpin } from './device/spin';
import { nativeConfig } from './native-config';
import { BackgroundUploads } from './outbox/background-upload';
import { openNativeOutbox } from './outbox/open-native-outbox';
import { SqliteStore } from './outbox/sqlite-store';
import { Mutex, prepareDatabase } from './storage/database';
import { openKeyValueStore } from './storage/key-value';
import { FakeCamera } from './testing/fake-camera';
import { FakeTransfers } from './testing/fake-transfers';
import { openNodeDatabase } from './testing/node-database';
import { openNodeFolder } from './testing/node-folder';

// React Native loads each component at its first use. Compiling it on a new machine can take a minute, so it is loaded here,
// before the timeout of the test starts.
void [ActivityIndicator, Image, PanResponder, Pressable, ScrollView, Text, TextInput, View];

const site = { id: randomUUID(), name: 'Hall 1' };
let disk: string;
let refusesSessions = false;
/** How often the app has asked to keep the screen on. */
let awake = 0;
let savesPhoto: SaveOutcome = { state: 'saved' };
let close: () => Promise<void> = async () => undefined;

beforeEach(() => {
  disk = mkdtempSync(join(tmpdir(), 'spinbay-app-'));
});
afterEach(async () => {
  await close();
  rmSync(disk, { recursive: true, force: true });
  refusesSessions = false;
});

/** The API, without the routes that receive photos. */
function answer(url: string, init: RequestInit | undefined): Response {
  const json = (body: unknown, status = 200) =>
    new Response(JSON.stringify(body), { status, headers: { 'content-type': 'application/json' } });
  const path = new URL(url).pathname;
  if (path === '/auth/device') {
    const { device_id } = JSON.parse(String(init?.body));
    const expires_at = new Date(Date.now() + 30 * 24 * 3_600_000).toISOString();
    return json({ token: 'token', device_id, device_secret: 'secret', expires_at });
  }
  if (path === '/sites') return json({ items: [site] });
  if (path === '/sessions' && refusesSessions) return json({ code: 'forbidden', title: 'No' }, 403);
  throw new TypeError('Network request failed');
}

async function openApp() {
  const fetch = async (input: unknown, init?: RequestInit) => answer(String(input), init);
  Object.defineProperty(globalThis, 'fetch', { configurable: true, writable: true, value: fetch });
  const database = openNodeDatabase(join(disk, 'spinbay.db'));
  await prepareDatabase(database);
  const mutex = new Mutex();
  const folder = openNodeFolder(join(disk, 'photos'));
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
      awake++;
      return () => void awake--;
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
    savePhoto: async () => savesPhoto,
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

test('the app enrols, starts a session and stores three photos on disk without a network', async () => {
  const { services, router } = await openApp();
  fireEvent.press(await screen.findByTestId('enrol'));
  fireEvent.changeText(await screen.findByTestId('stock'), 'A-1');
  await screen.findByTestId('create');
  await waitFor(() => expect(services.sites.get()).toEqual([site]));
  fireEvent.press(screen.getByTestId('create'));
  await screen.findByText('preview');
  for (const taken of [1, 2, 3]) {
    fireEvent.press(screen.getByTestId('shutter'));
    await waitFor(() => expect(screen.getByTestId('progress')).toHaveTextContent(`${taken}/24`));
  }
  const [session] = services.outbox.state().sessions;
  expect(session?.photos.map(({ angle_deg }) => angle_deg)).toEqual([0, 15, 30]);
  expect(readdirSync(join(disk, 'photos'))).toHaveLength(6);
  await act(() => router.navigate(`/sessions/${session?.id}/review`));
  expect((await screen.findByTestId('spin')).props.accessibilityValue.text).toContain('0°');
  await act(() => router.navigate('/queue'));
  expect(await screen.findByTestId('queue-counts')).toHaveTextContent('0 of 3 photos are on the server');
  await waitFor(() => expect(awake).toBe(1));
  await act(() => router.navigate('/settings'));
  await waitFor(() => expect(awake).toBe(0));
});

test('the VIN is scanned from its barcode, and a code that is not a VIN is reported', async () => {
  const { fake } = await openApp();
  fireEvent.press(await screen.findByTestId('enrol'));
  fireEvent.press(await screen.findByTestId('scan-vin'));
  await screen.findByText('preview');
  await waitFor(() => expect(fake.codeTypes).toContain('code-39'));
  await waitFor(() => {
    fake.showCodes(['https://example.com']);
    expect(screen.getByTestId('scan-status')).toHaveTextContent(/not a VIN: https:\/\/example.com/);
  });
  await waitFor(() => {
    fake.showCodes(['I1HGCM82633A004352']);
    expect(screen.getByTestId('vin').props.value).toBe('1HGCM82633A004352');
  });
  expect(screen.getByText(/Compare the VIN with the car/)).toBeOnTheScreen();
});

test('the operator saves a refused photo to the gallery, and without permission is told where to allow it', async () => {
  refusesSessions = true;
  const { services, router } = await openApp();
  fireEvent.press(await screen.findByTestId('enrol'));
  fireEvent.changeText(await screen.findByTestId('stock'), 'A-2');
  await waitFor(() => expect(services.sites.get()).toEqual([site]));
  fireEvent.press(screen.getByTestId('create'));
  await screen.findByText('preview');
  fireEvent.press(screen.getByTestId('shutter'));
  await waitFor(() => expect(screen.getByTestId('progress')).toHaveTextContent('1/24'));
  await act(() => router.navigate('/queue'));
  const save = await screen.findByText('Save the photo to this device');
  savesPhoto = { state: 'not_allowed' };
  fireEvent.press(save);
  expect(await screen.findByText(/Allow it in the settings of the phone/)).toBeOnTheScreen();
  savesPhoto = { state: 'failed', reason: 'the disk is damaged' };
  fireEvent.press(save);
  expect(await screen.findByText(/could not be saved.*the disk is damaged/)).toBeOnTheScreen();
  savesPhoto = { state: 'saved' };
  fireEvent.press(save);
  expect(await screen.findByText(/A copy is on this device/)).toBeOnTheScreen();
});

test('in the automatic mode a photo is taken every few seconds without a press', async () => {
  const { services } = await openApp();
  fireEvent.press(await screen.findByTestId('enrol'));
  fireEvent.changeText(await screen.findByTestId('stock'), 'A-4');
  await waitFor(() => expect(services.sites.get()).toEqual([site]));
  fireEvent.press(screen.getByTestId('create'));
  await screen.findByText('preview');
  fireEvent.press(screen.getByTestId('options'));
  fireEvent.press(await screen.findByText('Every 2 s'));
  fireEvent.press(screen.getByTestId('close-options'));
  await waitFor(() => expect(screen.getByTestId('progress')).toHaveTextContent(/^[2-9]/));
  const photos = () => services.outbox.state().sessions[0]?.photos.map(({ angle_deg }) => angle_deg);
  expect(photos()?.slice(0, 2)).toEqual([0, 15]);
});

test('a camera that another app takes is opened again; presses that it had not answered take no photo later', async () => {
  const { services, fake } = await openApp();
  fireEvent.press(await screen.findByTestId('enrol'));
  fireEvent.changeText(await screen.findByTestId('stock'), 'A-3');
  await waitFor(() => expect(services.sites.get()).toEqual([site]));
  fireEvent.press(screen.getByTestId('create'));
  await screen.findByText('preview');
  for (let presses = 0; presses < 4; presses++) fireEvent.press(screen.getByTestId('shutter'));
  act(() => fake.interrupt());
  expect(screen.getByTestId('camera-fault')).toHaveTextContent(/The camera has stopped/);
  const photos = () => services.outbox.state().sessions[0]?.photos.map(({ angle_deg }) => angle_deg);
  await waitFor(() => expect(photos()).toEqual([0]));
  fireEvent.press(screen.getByText('Try again'));
  await screen.findByText('preview');
  fireEvent.press(screen.getByTestId('shutter'));
  await waitFor(() => expect(screen.getByTestId('progress')).toHaveTextContent('2/24'));
  fireEvent.press(screen.getByTestId('shutter'));
  await waitFor(() => expect(screen.getByTestId('progress')).toHaveTextContent('3/24'));
  await waitFor(() => expect(screen.getByTestId('angle')).toHaveTextContent('45°'));
  expect(photos()).toEqual([0, 15, 30]);
});
