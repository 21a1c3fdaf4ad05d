import '@spinbay/capture/app/zod-without-eval.ts';
import { registerRootComponent } from 'expo';
import { defineBackgroundTask } from './src/background-task';
import { Main } from './src/main';

defineBackgroundTask();
registerRootComponent(Main);
