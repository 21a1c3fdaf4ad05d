import { createLogger, exitWith, readServiceSettings, runService } from '@spinbay/runtime';
import { collectDefaultMetrics, Registry } from 'prom-client';
import { runDeletionJobs } from './deletion-jobs.ts';
import { openStorage } from './open-storage.ts';
import { serveOperations } from './serve-operations.ts';

/* Runs the deletion jobs as a separate process, so that the credentials of the worker need no right to delete photos. */

try {
  const settings = readServiceSettings('eraser', process.env);
  const log = createLogger({ name: 'eraser', level: settings.LOG_LEVEL });
  await runService(log, async () => {
    const storage = await openStorage(settings, 'spinbay-eraser', log);
    const registry = new Registry();
    collectDefaultMetrics({ register: registry });
    const operations =
      settings.SPINBAY_WORKER_PORT === undefined
        ? null
        : await serveOperations({
            host: settings.SPINBAY_HOST,
            port: settings.SPINBAY_WORKER_PORT,
            metrics: registry,
            metricsToken: settings.METRICS_TOKEN,
          });
    const deletions = runDeletionJobs(storage, settings, log);
    log.info('running deletion jobs');
    return {
      close: async () => {
        await deletions.stop();
        await operations?.close();
        await storage.close();
      },
    };
  });
} catch (error) {
  exitWith(createLogger({ name: 'eraser', level: 'info' }), error);
}
