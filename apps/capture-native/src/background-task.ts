import type { Outbox } from '@spinbay/outbox';
import * as BackgroundTask from 'expo-background-task';
import * as TaskManager from 'expo-task-manager';
import { openApp } from './open-app';
import { whenSent } from './outbox/when-sent';

const name = 'spinbay-outbox';
/** In milliseconds. iOS gives a task about 30 seconds. */
const longestRun = 25_000;
/** In minutes: the shortest interval that both systems allow. */
const interval = 15;

/** Must run while the bundle loads, because the system may start the app without a screen. */
export function defineBackgroundTask(): void {
  TaskManager.defineTask(name, async () => {
    try {
      const { services } = await openApp();
      await whenSent(services.outbox as Pick<Outbox, 'state' | 'subscribe'>, longestRun);
      return BackgroundTask.BackgroundTaskResult.Success;
    } catch (error) {
      console.warn('Photos could not be sent in the background.', error);
      return BackgroundTask.BackgroundTaskResult.Failed;
    }
  });
}

/** Uses WorkManager or, on iOS, BGTaskScheduler. If the phone forbids background work, the app sends only while open. */
export async function registerBackgroundTask(): Promise<void> {
  await BackgroundTask.registerTaskAsync(name, { minimumInterval: interval }).catch((error: unknown) =>
    console.warn('This phone forbids work in the background.', error),
  );
}
