import { StartFailed } from '@spinbay/capture/app/start-failed.tsx';
import { StorageFull } from '@spinbay/outbox';
import { act, fireEvent, render, screen, waitFor } from '@testing-library/react-native';
import { Image } from 'react-native';
import { openTestApp, site, world } from './testing/test-app';

const full = async () => {
  throw new StorageFull('There is no room left on this device.');
};

async function startSession() {
  const app = await openTestApp();
  fireEvent.press(await screen.findByTestId('enrol'));
  fireEvent.changeText(await screen.findByTestId('stock'), 'A-1');
  await waitFor(() => expect(app.services.sites.get()).toEqual([site]));
  fireEvent.press(screen.getByTestId('create'));
  await screen.findByText('preview');
  const review = () =>
    act(() => app.router.navigate(`/sessions/${app.services.outbox.state().sessions[0]?.id}/review`));
  return { ...app, review };
}

test('an enrolment that fails unexpectedly gives the reason and what to do, and can be tried again', async () => {
  const { services } = await openTestApp();
  const enrol = jest.spyOn(services.auth, 'enrol').mockRejectedValue(new TypeError('the storage cannot be read'));
  fireEvent.press(await screen.findByTestId('enrol'));
  expect(await screen.findByText(/Restart the app, then try again.*the storage cannot be read/)).toBeOnTheScreen();
  enrol.mockRestore();
  fireEvent.press(screen.getByTestId('enrol'));
  await screen.findByTestId('stock');
});

test('a session that a full device cannot finish stays open, and the operator is told what to do', async () => {
  const { services, review, router } = await startSession();
  await review();
  const end = jest.spyOn(services.outbox, 'endSession').mockImplementation(full);
  fireEvent.press(await screen.findByTestId('finish'));
  expect(await screen.findByText(/no storage left. Delete something, then try again/)).toBeOnTheScreen();
  expect(router.state.location.pathname).toMatch(/review$/);
  end.mockImplementation(() => Promise.reject(new Error('the database is closed')));
  fireEvent.press(screen.getByTestId('finish'));
  expect(await screen.findByText(/could not be saved on this device. Try again/)).toBeOnTheScreen();
  end.mockRestore();
  fireEvent.press(screen.getByTestId('finish'));
  await waitFor(() => expect(router.state.location.pathname).toBe('/'));
});

test('a preview that cannot be read does not hide the others', async () => {
  const { services, review } = await startSession();
  for (const taken of [1, 2, 3]) {
    fireEvent.press(screen.getByTestId('shutter'));
    await waitFor(() => expect(screen.getByTestId('progress')).toHaveTextContent(`${taken}/24`));
  }
  const damaged = services.outbox.state().sessions[0]?.photos[1]?.image_id;
  for (const read of ['readPreview', 'readOriginal'] as const) {
    const real = services.outbox[read].bind(services.outbox);
    jest
      .spyOn(services.outbox, read)
      .mockImplementation((id) => (id === damaged ? Promise.reject(new Error('damaged')) : real(id)));
  }
  await review();
  await screen.findByTestId('spin');
  await waitFor(() => expect(screen.UNSAFE_queryAllByType(Image)).toHaveLength(1));
});

test('a photo that a full device cannot remove stays, and the operator is told how to replace it', async () => {
  const { services } = await startSession();
  fireEvent.press(screen.getByTestId('shutter'));
  await waitFor(() => expect(screen.getByTestId('progress')).toHaveTextContent('1/24'));
  jest.spyOn(services.outbox, 'removePhoto').mockImplementation(full);
  fireEvent.press(screen.getByLabelText('Undo the last photo'));
  expect(await screen.findByText('0° could not be removed. Shoot it again to replace it.')).toBeOnTheScreen();
});

test('a code that is scanned again on the enrolment screen is tried again, and then removed from the address', async () => {
  world.isReachable = false;
  const { router } = await openTestApp();
  await screen.findByTestId('enrol');
  const scan = () => act(() => router.navigate('/enrol#code=K7QF-3M9X-TR2W'));
  await scan();
  expect(await screen.findByTestId('enrol-fault')).toHaveTextContent(/cannot be reached/);
  world.isReachable = true;
  await scan();
  await screen.findByTestId('create');
  expect(world.enrolments).toBe(2);
  expect(router.state.location).toMatchObject({ pathname: '/', hash: '' });
});

test('a stock number is refused with its own fault', async () => {
  await openTestApp();
  fireEvent.press(await screen.findByTestId('enrol'));
  const stock = await screen.findByTestId('stock');
  fireEvent.changeText(stock, 'A\u0007');
  fireEvent.press(screen.getByTestId('create'));
  expect(await screen.findByText(/characters that cannot be displayed/)).toBeOnTheScreen();
  fireEvent.changeText(stock, 'A'.repeat(65));
  fireEvent.press(screen.getByTestId('create'));
  expect(await screen.findByText(/at most 64 characters/)).toBeOnTheScreen();
});

test('a screen that failed never asks to leave private browsing', () => {
  const platform = { language: 'en', isStorageFault: () => true };
  render(<StartFailed crashed error={new Error('crashed')} platform={platform} onRetry={() => undefined} />);
  expect(screen.getByText(/All saved photos are safe/)).toBeOnTheScreen();
});
