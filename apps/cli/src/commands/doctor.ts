import { inspectDatabase } from '@spinbay/core';
import { readEndpoints, readSecrets } from '@spinbay/local-stack';
import { createObjects } from '@spinbay/objects';
import { createQueue } from '@spinbay/queue';
import { readSettings } from '@spinbay/runtime';
import { createIdTokens } from '@spinbay/tokens';
import { CommandError } from '../terminal/command-error.ts';
import { parseFlags } from '../terminal/parse-flags.ts';
import { print } from '../terminal/print.ts';

const usage = 'doctor';

export const doctor = {
  usage,
  about: 'Checks database, bucket, queue, dead-letter queue and issuer, one line each; exit status 1 if any fails.',
  run,
};

interface Check {
  readonly name: string;
  /** @returns what was found; throws what is wrong */
  readonly run: () => Promise<string>;
}

async function run(args: string[]): Promise<number> {
  parseFlags(usage, args, {});
  const settings = await findSettings();
  let failed = 0;
  for (const { name, run: check } of checksOf(settings)) {
    try {
      print(`ok    ${name}: ${await check()}`);
    } catch (error) {
      failed += 1;
      print(`FAIL  ${name}: ${(error as Error).message}`);
    }
  }
  return failed === 0 ? 0 : 1;
}

/** What the API would use: the environment, and for what is not set the local installation. */
async function findSettings() {
  const { SPINBAY_DATA_DIR } = readSettings(process.env, ['SPINBAY_DATA_DIR']);
  const local = await readEndpoints(SPINBAY_DATA_DIR);
  const kept = await readSecrets(SPINBAY_DATA_DIR);
  const fallback: Record<string, string | undefined> = {};
  if (local !== null && kept !== null) {
    Object.assign(fallback, {
      DATABASE_URL: local.database,
      S3_ENDPOINT: local.objects,
      SQS_ENDPOINT: new URL(local.queue).origin,
      SQS_QUEUE_URL: local.queue,
      OIDC_ISSUER: local.oidc,
    });
    Object.assign(fallback, {
      AWS_ACCESS_KEY_ID: kept.secrets.accessKeys.api.accessKeyId,
      AWS_SECRET_ACCESS_KEY: kept.secrets.accessKeys.api.secretAccessKey,
    });
  } else if (process.env.SQS_QUEUE_URL === undefined) {
    throw new CommandError(
      'No Spinbay runs here, and DATABASE_URL, SQS_QUEUE_URL and OIDC_ISSUER do not name one elsewhere. Start it with "npm start".',
    );
  }
  // Local keys only with the local server: whoever names another queue has other keys for it.
  const environment =
    process.env.SQS_QUEUE_URL === undefined ? { ...process.env, ...fallback } : { ...fallback, ...process.env };
  return readSettings(
    environment,
    ['DATABASE_URL', 'S3_BUCKET', 'SQS_QUEUE_URL', 'AWS_REGION', 'OIDC_ISSUER', 'OIDC_CLIENT_ID'],
    ['S3_ENDPOINT', 'SQS_ENDPOINT', 'AWS_ACCESS_KEY_ID', 'AWS_SECRET_ACCESS_KEY'],
  );
}

function checksOf(settings: Awaited<ReturnType<typeof findSettings>>): Check[] {
  const { AWS_ACCESS_KEY_ID: accessKeyId, AWS_SECRET_ACCESS_KEY: secretAccessKey, AWS_REGION: region } = settings;
  const credentials =
    accessKeyId !== undefined && secretAccessKey !== undefined ? { accessKeyId, secretAccessKey } : undefined;
  const objects = createObjects({ endpoint: settings.S3_ENDPOINT, region, bucket: settings.S3_BUCKET, credentials });
  const queue = createQueue({ endpoint: settings.SQS_ENDPOINT, region, queueUrl: settings.SQS_QUEUE_URL, credentials });
  const timeout = () => ({ signal: AbortSignal.timeout(5_000) });
  return [
    {
      name: 'database',
      run: () => inspectDatabase(settings.DATABASE_URL, new URL('./migrations/', import.meta.url).pathname),
    },
    {
      name: 'bucket',
      run: async () => `${settings.S3_BUCKET} can be reached${await objects.ready(timeout()).then(() => '')}`,
    },
    {
      name: 'queue',
      run: async () => {
        await queue.ready(timeout());
        const { visible, inFlight } = await queue.depth();
        return `${visible} waiting, ${inFlight} in work`;
      },
    },
    {
      name: 'dead-letter queue',
      run: async () => {
        const dead = await queue.deadLetterDepth();
        if (dead === null)
          throw new Error(
            'the queue has none: a message that always fails would be tried for ever. Give it a redrive policy with 3 receives.',
          );
        if (dead > 0)
          throw new Error(
            `${dead} messages were given up. Look into the worker's log for why, then move them back: "spinbay dlq redrive".`,
          );
        return 'empty';
      },
    },
    {
      name: 'issuer',
      run: async () => {
        await createIdTokens({ issuer: settings.OIDC_ISSUER, clientId: settings.OIDC_CLIENT_ID }).ready();
        return `${settings.OIDC_ISSUER} answers`;
      },
    },
  ];
}
