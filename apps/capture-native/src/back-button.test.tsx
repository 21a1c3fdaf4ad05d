import { act, fireEvent, screen, waitFor } from '@testing-library/react-native';
import { BackHandler } from 'react-native';
import { goBack } from './back-button';
import { openTestApp, site } from './testing/test-app';

type Listener = () => boolean | null | undefined;

/** Presses the Back button. As in React Native, the last listener is asked first. @returns whether the app stays open */
function pressBackWith(listeners: Listener[]) {
  return act(async () => [...listeners].reverse().some((listener) => listener() === true));
}

function watchBack() {
  const listeners: Listener[] = [];
  jest.spyOn(BackHandler, 'addEventListener').mockImplementation((_, handler) => {
    const listener = handler as Listener;
    listeners.push(listener);
    return { remove: () => void listeners.splice(listeners.indexOf(listener), 1) };
  });
  return listeners;
}

test('the Back button leaves the app on the enrolment and on the setup, and elsewhere returns to the previous screen', async () => {
  const { services, router } = await openTestApp();
  await screen.findByTestId('enrol');
  expect(goBack(router, null)).toBe(false);
  expect(goBack(router, services.auth.state())).toBe(false);
  fireEvent.press(screen.getByTestId('enrol'));
  await screen.findByTestId('create');
  expect(goBack(router, services.auth.state())).toBe(false);
  await act(() => router.navigate('/settings'));
  await act(() => router.navigate('/enrol'));
  for (const pathname of ['/settings', '/']) {
    await act(async () => expect(goBack(router, services.auth.state())).toBe(true));
    expect(router.state.location.pathname).toBe(pathname);
  }
});

test('the Back button closes the options, and then leaves the camera', async () => {
  const listeners = watchBack();
  const { services, router } = await openTestApp();
  listeners.push(() => goBack(router, services.auth.state()));
  fireEvent.press(await screen.findByTestId('enrol'));
  fireEvent.changeText(await screen.findByTestId('stock'), 'A-1');
  await waitFor(() => expect(services.sites.get()).toEqual([site]));
  fireEvent.press(screen.getByTestId('create'));
  await screen.findByText('preview');
  fireEvent.press(screen.getByTestId('options'));
  await screen.findByTestId('close-options');
  expect(await pressBackWith(listeners)).toBe(true);
  expect(screen.queryByTestId('close-options')).toBeNull();
  expect(router.state.location.pathname).toMatch(/capture$/);
  expect(await pressBackWith(listeners)).toBe(true);
  expect(router.state.location.pathname).toBe('/');
});
