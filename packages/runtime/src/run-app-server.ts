import { createLogger, type Logger } from './log.ts';
import { exitWith, runService, type Service } from './service.ts';
import { readServiceSettings } from './services.ts';
import { readSettings } from './settings.ts';

type AppName = 'portal' | 'capture';

/** Reads the settings of a built app and runs the process that serves it. */
export async function runAppServer<N extends AppName>(
  name: N,
  serve: (settings: ReturnType<typeof readServiceSettings<N>>, log: Logger) => Promise<Service>,
): Promise<void> {
  let settings: ReturnType<typeof readServiceSettings<N>>;
  try {
    settings = readServiceSettings(name, process.env);
  } catch (error) {
    exitWith(createLogger({ name, level: 'info' }), error);
    return;
  }
  const log = createLogger({ name, level: readSettings(process.env, ['LOG_LEVEL']).LOG_LEVEL });
  await runService(log, () => serve(settings, log));
}
