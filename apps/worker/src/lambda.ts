import { createQueue } from '@spinbay/queue';
import { createLogger, readServiceSettings } from '@spinbay/runtime';
import { createMaintenance } from './create-maintenance.ts';
import { createDeletionJobs } from './deletion-jobs.ts';
import { handleMessage } from './features/images/handle-message.ts';
import { rejudgeOpen } from './features/quality/rejudge-open.ts';
import { type BatchReply, handleBatch, type SqsEvent } from './handle-batch.ts';
import { createNewestMessage } from './newest-message.ts';
import { runEach } from './run-each.ts';
import { openWorkerDeps } from './worker-deps.ts';

/**
 * The worker as an AWS Lambda function. Its event source is the queue, with `ReportBatchItemFailures`. An EventBridge
 * schedule calls the same function once a minute for the maintenance of `createMaintenance`, which needs `sqs:SendMessage`
 * to requeue stuck frames, for rejudgements and, with WORKER_DELETIONS, for the deletion jobs.
 */

interface Context {
  getRemainingTimeInMillis(): number;
}

/** The time reserved for ending aborted work and replying. */
const windDownMs = 3_000;

const settings = readServiceSettings('workerFunction', process.env);
const log = createLogger({ name: 'worker', level: settings.LOG_LEVEL });
const deps = await openWorkerDeps(settings, process.env.PATH, log);
const queue = createQueue({
  endpoint: settings.SQS_ENDPOINT,
  region: settings.AWS_REGION,
  queueUrl: settings.SQS_QUEUE_URL,
});
const newestMessage = createNewestMessage();
const maintain = createMaintenance({ ...deps, queue, bucket: settings.S3_BUCKET, newestMessage }, settings);
const deletions = settings.WORKER_DELETIONS === 'on' ? createDeletionJobs(deps, settings) : null;

/** @returns the messages to deliver again */
export async function handler(event: SqsEvent | { source: string }, context: Context): Promise<BatchReply> {
  const timeMs = Math.max(0, context.getRemainingTimeInMillis() - windDownMs);
  if ('Records' in event) {
    const reply = await handleBatch(
      event,
      {
        slots: deps.slots,
        work: newestMessage.watch((message, signal, messageLog) =>
          handleMessage(message, settings.S3_BUCKET, deps, signal, messageLog),
        ),
        log,
      },
      timeMs,
    );
    // Lambda freezes the process between two calls, and with it an export in the background.
    await deps.tracing.flush();
    return reply;
  }
  const signal = AbortSignal.timeout(timeMs);
  // A large erasure or rejudgement takes several calls, and each call continues where the last one stopped. Maintenance and
  // the removal of orphans get at most half of the time, so that erasures and rejudgements never wait for them forever.
  const half = AbortSignal.any([signal, AbortSignal.timeout(Math.floor(timeMs / 2))]);
  await runEach(
    [
      () => maintain(half, log),
      ...(deletions === null ? [] : [() => deletions.removeOrphans(half, log), () => deletions.erase(signal, log)]),
      () => rejudgeOpen(deps, signal, log),
    ],
    signal,
  );
  return { batchItemFailures: [] };
}
