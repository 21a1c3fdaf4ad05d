import { createQueue } from '@spinbay/queue';
import { createLogger, exitWith, readServiceSettings, runService } from '@spinbay/runtime';
import { consume } from './consume.ts';
import { createMaintenance } from './create-maintenance.ts';
import { runDeletionJobs } from './deletion-jobs.ts';
import { handleMessage } from './features/images/handle-message.ts';
import { rejudgeOpen } from './features/quality/rejudge-open.ts';
import { createMetrics } from './metrics.ts';
import { createNewestMessage } from './newest-message.ts';
import { protectTask } from './protect-task.ts';
import { repeat } from './repeat.ts';
import { serveOperations } from './serve-operations.ts';
import { openWorkerDeps } from './worker-deps.ts';

/** The visibility timeout. Short, so that the message of a killed worker soon becomes visible. The heartbeat extends it. */
const visibilitySeconds = 30;
const retrySeconds = 5;
const drainGraceMs = 20_000;
const maintainEveryMs = 60_000;
const rejudgeEveryMs = 5_000;

try {
  const settings = readServiceSettings('worker', process.env);
  const log = createLogger({ name: 'worker', level: settings.LOG_LEVEL });
  await runService(log, async () => {
    const deps = await openWorkerDeps(settings, process.env.PATH, log);
    const queue = createQueue({
      endpoint: settings.SQS_ENDPOINT,
      region: settings.AWS_REGION,
      queueUrl: settings.SQS_QUEUE_URL,
    });
    const metrics = createMetrics(queue, log);
    const newestMessage = createNewestMessage();
    const reconcileDeps = { ...deps, queue, bucket: settings.S3_BUCKET, newestMessage };
    const operations =
      settings.SPINBAY_WORKER_PORT === undefined
        ? null
        : await serveOperations({
            host: settings.SPINBAY_HOST,
            port: settings.SPINBAY_WORKER_PORT,
            metrics: metrics.registry,
            metricsToken: settings.METRICS_TOKEN,
          });
    const protection = settings.ECS_AGENT_URI === undefined ? null : protectTask(settings.ECS_AGENT_URI, log);
    const consumer = consume({
      queue,
      slots: deps.slots,
      visibilitySeconds,
      retrySeconds,
      work: (protection?.watch ?? ((work) => work))(
        newestMessage.watch(
          metrics.watch((message, signal, messageLog) =>
            handleMessage(message, settings.S3_BUCKET, deps, signal, messageLog),
          ),
        ),
      ),
      log,
    });
    const maintain = createMaintenance(reconcileDeps, settings);
    const reconciler = repeat('reconcile', maintainEveryMs, (signal) => maintain(signal, log), log);
    const deletions = settings.WORKER_DELETIONS === 'on' ? runDeletionJobs(deps, settings, log) : null;
    const rejudger = repeat('rejudge', rejudgeEveryMs, (signal) => rejudgeOpen(deps, signal, log), log);
    log.info({ queue: settings.SQS_QUEUE_URL, heic_by: deps.heicBy }, 'polling');
    return {
      close: async () => {
        await Promise.all([reconciler.stop(), deletions?.stop(), rejudger.stop(), consumer.drain(drainGraceMs)]);
        await protection?.stop();
        await operations?.close();
        await deps.close();
        queue.close();
      },
    };
  });
} catch (error) {
  exitWith(createLogger({ name: 'worker', level: 'info' }), error);
}
