import * as BackgroundTask from 'expo-background-task';
import * as TaskManager from 'expo-task-manager';
import { defineBackgroundTask, registerBackgroundTask } from './background-task';
import { openApp } from './open-app';

jest.mock('expo-background-task', () => ({
  BackgroundTaskResult: { Success: 1, Failed: 2 },
  registerTaskAsync: jest.fn(),
}));
jest.mock('expo-task-manager', () => ({ defineTask: jest.fn() }));
jest.mock('./open-app', () => ({ openApp: jest.fn() }));

let warn: jest.SpyInstance;
beforeEach(() => {
  warn = jest.spyOn(console, 'warn').mockImplementation(() => undefined);
});
afterEach(() => warn.mockRestore());

test('a background run that fails says why in the log', async () => {
  const reason = new Error('the database is damaged');
  jest.mocked(openApp).mockRejectedValue(reason);
  defineBackgroundTask();
  const [, run] = jest.mocked(TaskManager.defineTask).mock.calls[0] ?? [];
  expect(await run?.({ data: null, error: null, executionInfo: { eventId: '', taskName: '' } })).toBe(
    BackgroundTask.BackgroundTaskResult.Failed,
  );
  expect(warn).toHaveBeenCalledWith('Photos could not be sent in the background.', reason);
});

test('a phone that forbids background work says so in the log', async () => {
  const reason = new Error('background tasks are restricted');
  jest.mocked(BackgroundTask.registerTaskAsync).mockRejectedValue(reason);
  await registerBackgroundTask();
  expect(warn).toHaveBeenCalledWith('This phone forbids work in the background.', reason);
});
