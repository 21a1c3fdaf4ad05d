import { availableParallelism, tmpdir } from 'node:os';
import { createStore } from '@spinbay/core';
import { createMeasurer, findFfmpeg } from '@spinbay/imaging';
import { createObjects } from '@spinbay/objects';
import { createQueue } from '@spinbay/queue';
import { createLogger, exitWith, readSettings, runService } from '@spinbay/runtime';
import { consume } from './consume.ts';
import { handleMessage } from './features/images/handle-message.ts';
import { reconcileImages } from './features/images/reconcile-images.ts';
import { repeat } from './repeat.ts';
import { openWorkFolder } from './work-folder.ts';

/** Hidden for so long after a receive; the heartbeat extends it every third of that, so that a killed worker's message is back soon. */
const visibilitySeconds = 30;
const retrySeconds = 5;
/**
 * Frames in work beyond those being measured: they download or upload meanwhile, so that no core waits for the network.
 */
const slotsForTransfers = 2;
/** A 12-megapixel JPEG takes some 0.2 s, a HEIC 2 s; this is for pictures that make a decoder hang, and for slow machines. */
const measureTimeoutMs = 60_000;
/** A 12-megapixel picture takes some 150 MB, the largest that are taken some 500 MB. */
const measureMaxRssMb = 900;
const drainGraceMs = 20_000;
const reconcileEveryMs = 60_000;
const reconcileTimes = { patienceMs: 120_000, graceMs: 10 * 60_000 };

try {
  const settings = readSettings(
    process.env,
    [
      'DATABASE_URL',
      'DATABASE_POOL_SIZE',
      'S3_BUCKET',
      'SQS_QUEUE_URL',
      'AWS_REGION',
      'QC_PROFILE',
      'QC_SHARPNESS_FAIL',
      'QC_SHARPNESS_WARN',
      'QC_SHARPNESS_1000_FAIL',
      'QC_SHARPNESS_1000_WARN',
      'QC_CLIP_FRACTION',
      'LOG_LEVEL',
    ],
    ['S3_ENDPOINT', 'SQS_ENDPOINT'],
  );
  const log = createLogger({ name: 'worker', level: settings.LOG_LEVEL });
  await runService(log, async () => {
    const workFolder = await openWorkFolder(tmpdir(), log);
    const store = createStore({
      databaseUrl: settings.DATABASE_URL,
      poolSize: settings.DATABASE_POOL_SIZE,
      applicationName: 'spinbay-worker',
      onFault: ({ message, error }) => log.warn({ err: error }, message),
    });
    const objects = createObjects({
      endpoint: settings.S3_ENDPOINT,
      region: settings.AWS_REGION,
      bucket: settings.S3_BUCKET,
    });
    const queue = createQueue({
      endpoint: settings.SQS_ENDPOINT,
      region: settings.AWS_REGION,
      queueUrl: settings.SQS_QUEUE_URL,
    });
    const fullSize = { sharpnessFail: settings.QC_SHARPNESS_FAIL, sharpnessWarn: settings.QC_SHARPNESS_WARN };
    const reduced = { sharpnessFail: settings.QC_SHARPNESS_1000_FAIL, sharpnessWarn: settings.QC_SHARPNESS_1000_WARN };
    const qc = {
      profile: settings.QC_PROFILE,
      ...(settings.QC_PROFILE === 'v1' ? fullSize : reduced),
      clipFraction: settings.QC_CLIP_FRACTION,
    };
    const measuring = availableParallelism();
    const ffmpeg = findFfmpeg(process.env.PATH);
    const measurer = createMeasurer({
      entry: new URL('./measure-child.mjs', import.meta.url),
      slots: measuring,
      timeoutMs: measureTimeoutMs,
      maxRssMb: measureMaxRssMb,
      ffmpeg,
    });
    const parts = { store, objects, measurer, qc, workFolder: workFolder.path };
    const consumer = consume({
      queue,
      slots: measuring + slotsForTransfers,
      visibilitySeconds,
      retrySeconds,
      work: (message, signal, messageLog) => handleMessage(message, settings.S3_BUCKET, parts, signal, messageLog),
      log,
    });
    const reconciler = repeat(
      'reconcile',
      reconcileEveryMs,
      (signal) => reconcileImages(parts, reconcileTimes, signal, log),
      log,
    );
    log.info({ queue: settings.SQS_QUEUE_URL, heic_by: ffmpeg ?? 'libde265' }, 'polling');
    return {
      close: async () => {
        await Promise.all([reconciler.stop(), consumer.drain(drainGraceMs)]);
        await measurer.close();
        await workFolder.remove();
        await store.close();
        objects.close();
        queue.close();
      },
    };
  });
} catch (error) {
  exitWith(createLogger({ name: 'worker', level: 'info' }), error);
}
