import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { act, fireEvent, screen, waitFor } from '@testing-library/react-native';
import { openTestApp, site, world } from './testing/test-app';

test('the app enrols, starts a session and stores three photos on disk without a network', async () => {
  const { services, router } = await openTestApp();
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
  expect(readdirSync(join(world.disk, 'photos'))).toHaveLength(6);
  await act(() => router.navigate(`/sessions/${session?.id}/review`));
  expect((await screen.findByTestId('spin')).props.accessibilityValue.text).toContain('0°');
  await act(() => router.navigate('/queue'));
  expect(await screen.findByTestId('queue-counts')).toHaveTextContent('0 of 3 photos are on the server');
  await waitFor(() => expect(world.awake).toBe(1));
  await act(() => router.navigate('/settings'));
  await waitFor(() => expect(world.awake).toBe(0));
});

test('the VIN is scanned from its barcode, and a code that is not a VIN is reported', async () => {
  const { fake } = await openTestApp();
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
  world.refusesSessions = true;
  const { services, router } = await openTestApp();
  fireEvent.press(await screen.findByTestId('enrol'));
  fireEvent.changeText(await screen.findByTestId('stock'), 'A-2');
  await waitFor(() => expect(services.sites.get()).toEqual([site]));
  fireEvent.press(screen.getByTestId('create'));
  await screen.findByText('preview');
  fireEvent.press(screen.getByTestId('shutter'));
  await waitFor(() => expect(screen.getByTestId('progress')).toHaveTextContent('1/24'));
  await act(() => router.navigate('/queue'));
  const save = await screen.findByText('Save the photo to this device');
  world.savesPhoto = { state: 'not_allowed' };
  fireEvent.press(save);
  expect(await screen.findByText(/Allow it in the settings of the phone/)).toBeOnTheScreen();
  world.savesPhoto = { state: 'failed', reason: 'the disk is damaged' };
  fireEvent.press(save);
  expect(await screen.findByText(/could not be saved.*the disk is damaged/)).toBeOnTheScreen();
  world.savesPhoto = { state: 'saved' };
  fireEvent.press(save);
  expect(await screen.findByText(/A copy is on this device/)).toBeOnTheScreen();
});

test('in the automatic mode a photo is taken every few seconds without a press', async () => {
  const { services } = await openTestApp();
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
  const { services, fake } = await openTestApp();
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
