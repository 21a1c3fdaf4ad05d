import { createStore } from '@spinbay/core';
import { createObjects } from '@spinbay/objects';
import { createQueue } from '@spinbay/queue';
import {
  createLogger,
  exitWith,
  objectsOptionsOf,
  openDatabasePassword,
  openSecret,
  openTracing,
  qcThresholdsOf,
  readServiceSettings,
  runService,
} from '@spinbay/runtime';
import { createIdTokens, createTokens, followSigningKeys } from '@spinbay/tokens';
import type { FastifyInstance } from 'fastify';
import packageJson from '../package.json' with { type: 'json' };
import { buildApi } from './api.ts';
import { createMemoryCounts } from './bind/request-counts.ts';
import { createSharedCounts } from './bind/shared-counts.ts';

const fallbackLog = createLogger({ name: 'api', level: 'info' });
try {
  const settings = readServiceSettings('api', process.env);
  const log = createLogger({ name: 'api', level: settings.LOG_LEVEL });
  await runService(log, async () => {
    const keys = await followSigningKeys(openSecret(settings.SPINBAY_SIGNING_KEYS), {
      onChange: () => log.info({ kids: keys.publicKeys().keys.map(({ kid }) => kid) }, 'signing keys read again'),
      onFault: (error) =>
        log.error({ err: error }, 'the signing keys have changed and cannot be used; the old ones stay in use'),
    });
    const shared = settings.REDIS_URL === undefined ? null : await createSharedCounts(settings.REDIS_URL, log);
    const store = createStore({
      databaseUrl: settings.DATABASE_URL,
      password: await openDatabasePassword(settings, log),
      poolSize: settings.DATABASE_POOL_SIZE,
      applicationName: 'spinbay-api',
      slots: {
        perOrg: settings.ORG_CONCURRENCY,
        perCaller: settings.CALLER_CONCURRENCY,
        waitingPerOrg: 200,
        waitingPerCaller: 50,
      },
      onFault: ({ message, error }) => log.warn({ err: error }, message),
    });
    const tracing = await openTracing(settings, 'spinbay-api', log);
    const objects = createObjects(objectsOptionsOf(settings));
    const queue =
      settings.SQS_QUEUE_URL === undefined
        ? null
        : createQueue({
            endpoint: settings.SQS_ENDPOINT,
            region: settings.AWS_REGION,
            queueUrl: settings.SQS_QUEUE_URL,
          });
    if (queue === null && settings.UPLOAD_HINTS === 'on')
      throw new Error('UPLOAD_HINTS is on, and SQS_QUEUE_URL is not set. Set it to the queue that the worker reads.');
    const app = await buildApi(
      {
        store,
        objects,
        bucket: settings.S3_BUCKET,
        queue,
        eraseUndoMs: settings.ERASE_UNDO_MINUTES * 60_000,
        uploadHints: settings.UPLOAD_HINTS === 'on',
        qc: qcThresholdsOf(settings),
        tracing,
        tokens: createTokens(keys, settings.SPINBAY_API_URL),
        idTokens: createIdTokens({
          issuer: settings.OIDC_ISSUER,
          clientId: settings.OIDC_CLIENT_ID,
          trustedEmailDomains: settings.OIDC_TRUSTED_EMAIL_DOMAINS,
          onRefusal: (reason) => log.warn({ code: 'invalid_id_token', reason }, 'an identity token was refused'),
        }),
      },
      {
        log,
        publicUrl: settings.SPINBAY_API_URL,
        captureUrl: settings.SPINBAY_CAPTURE_URL,
        version: packageJson.version,
        signingKeys: keys,
        metricsToken: settings.METRICS_TOKEN,
        origins: [settings.SPINBAY_PORTAL_URL, settings.SPINBAY_CAPTURE_URL].flatMap((url) =>
          url === undefined ? [] : new URL(url).origin,
        ),
        trustedProxies: settings.SPINBAY_TRUSTED_PROXIES,
        refusalsPerMinute: settings.REFUSALS_PER_MINUTE,
        counts: shared ?? createMemoryCounts(),
      },
    );
    await listen(app, settings.SPINBAY_HOST, settings.SPINBAY_API_PORT);
    log.info({ url: settings.SPINBAY_API_URL }, 'listening');
    return {
      close: async () => {
        await app.close();
        await store.close();
        objects.close();
        queue?.close();
        shared?.close();
        keys.close();
        await tracing.close();
      },
    };
  });
} catch (error) {
  exitWith(fallbackLog, error);
}

async function listen(app: FastifyInstance, host: string, port: number): Promise<void> {
  try {
    await app.listen({ host, port });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EADDRINUSE') throw error;
    const message = `Port ${port} of ${host} is in use. Stop the program that uses it, or set SPINBAY_API_PORT.`;
    throw new Error(message, { cause: error });
  }
}
