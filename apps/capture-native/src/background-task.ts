import type { Outbox } from '@spinbay/outbox';
import * as BackgroundTask from 'expo-background-task';
import * as TaskManager from 'expo-task-manager';
import { openApp } from './open-app';
import { whenSent } from './outbox/when-sent';

const name = 'spinbay-outbox';
/** iOS gives a task about 30 seconds. */
const longestRun = 25_000;
/** In minutes. The least that the systems allow. */
const interval = 15;

/** Must run as the bundle is loaded: the system wakes the app without a screen. */
export function defineBackgroundTask(): void {
  TaskManager.defineTask(name, async () => {
    try {
      const { services } = await openApp();
      await whenSent(services.outbox as Pick<Outbox, 'state' | 'subscribe'>, longestRun);
      return BackgroundTask.BackgroundTaskResult.Success;
    } catch {
      return BackgroundTask.BackgroundTaskResult.Failed;
    }
  });
}

/** WorkManager on Android, BGTaskScheduler on iOS. A phone that forbids background work sends while the app is open. */
export async function registerBackgroundTask(): Promise<void> {
  await BackgroundTask.registerTaskAsync(name, { minimumInterval: interval }).catch(() => undefined);
}
