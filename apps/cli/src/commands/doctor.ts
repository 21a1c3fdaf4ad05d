import { inspectDatabase } from '@spinbay/core';
import { readEndpoints, readSecrets } from '@spinbay/local-stack';
import { createObjects } from '@spinbay/objects';
import { createQueue } from '@spinbay/queue';
import { databaseUrlWith, objectStore, objectsOptionsOf, readSettings } from '@spinbay/runtime';
import { discoverIssuer } from '@spinbay/tokens';
import { migrationsDir } from '../migrations-dir.ts';
import { CommandError } from '../terminal/command-error.ts';
import { describeDiskSpace } from '../terminal/disk-space.ts';
import { heicSpeed } from '../terminal/heic-speed.ts';
import { parseFlags } from '../terminal/parse-flags.ts';
import { print } from '../terminal/print.ts';

const usage = 'doctor';

export const doctor = {
  usage,
  about:
    'Checks the database, bucket, queue, dead-letter queue and issuer, and prints one line for each. On the machine of a local installation it also checks the disk, and says how fast HEIC photos are decoded. The exit status is 1 if a check fails.',
  run,
};

interface Check {
  readonly name: string;
  /** @returns the result as text. @throws an error that says what is wrong */
  readonly run: () => Promise<string>;
}

async function run(args: string[]): Promise<number> {
  parseFlags(usage, args, {});
  const { settings, isLocal, photosFolder } = await findSettings();
  const disk = photosFolder === null ? [] : [{ name: 'disk', run: () => describeDiskSpace(photosFolder) }];
  let failed = 0;
  for (const { name, run: check } of [...checksOf(settings), ...disk]) {
    try {
      print(`ok    ${name}: ${await check()}`);
    } catch (error) {
      failed += 1;
      print(`FAIL  ${name}: ${(error as Error).message}`);
    }
  }
  if (isLocal) {
    const { isSlow, text } = heicSpeed(process.env.PATH);
    print(`${isSlow ? 'note' : 'ok  '}  HEIC photos: ${text}`);
  }
  return failed === 0 ? 0 : 1;
}

/**
 * The settings to check. With `SQS_QUEUE_URL`, those of the environment; the local installation provides what is missing.
 * Without it, those of the local installation; the environment provides what is missing.
 */
export async function findSettings() {
  const { SPINBAY_DATA_DIR } = readSettings(process.env, ['SPINBAY_DATA_DIR']);
  const isSet = (name: string) => (process.env[name] ?? '') !== '';
  const hasOwnQueue = isSet('SQS_QUEUE_URL');
  const files = Promise.all([readEndpoints(SPINBAY_DATA_DIR), readSecrets(SPINBAY_DATA_DIR)]);
  // With all three settings, the local installation only decides whether the HEIC speed of this machine is printed.
  const needsLocal = !hasOwnQueue || !isSet('DATABASE_URL') || !isSet('OIDC_ISSUER');
  const [local, stored] = await (needsLocal ? files : files.catch(() => [null, null] as const));
  const fallback: Record<string, string | undefined> = {};
  if (local !== null && stored !== null) {
    Object.assign(fallback, {
      DATABASE_URL: local.database,
      OIDC_ISSUER: local.oidc,
    });
    if (!hasOwnQueue) {
      Object.assign(fallback, { S3_ENDPOINT: local.objects ?? undefined, SQS_QUEUE_URL: local.queue });
    }
    // Use the local access keys only with the local server: another queue needs other credentials.
    if (!hasOwnQueue && local.has_local_queue) {
      Object.assign(fallback, {
        SQS_ENDPOINT: new URL(local.queue).origin,
        AWS_ACCESS_KEY_ID: stored.secrets.accessKeys.api.accessKeyId,
        AWS_SECRET_ACCESS_KEY: stored.secrets.accessKeys.api.secretAccessKey,
      });
    }
  } else if (!hasOwnQueue) {
    throw new CommandError(
      'Spinbay does not run here. Start it with "npm start", or set DATABASE_URL, SQS_QUEUE_URL and OIDC_ISSUER for an installation elsewhere.',
    );
  }
  const configured = Object.fromEntries(Object.entries(process.env).filter(([, value]) => value !== ''));
  const environment = hasOwnQueue ? { ...fallback, ...configured } : { ...configured, ...fallback };
  // The secret has the password of the URL in the environment, not that of the local database.
  if (environment.DATABASE_URL !== configured.DATABASE_URL) environment.DATABASE_SECRET = undefined;
  const settings = readSettings(
    environment,
    ['DATABASE_URL', ...objectStore.required, 'SQS_QUEUE_URL', 'OIDC_ISSUER'],
    [
      ...objectStore.optional,
      'DATABASE_SECRET',
      'OIDC_ENDPOINT_ORIGIN',
      'SQS_ENDPOINT',
      'AWS_ACCESS_KEY_ID',
      'AWS_SECRET_ACCESS_KEY',
    ],
  );
  const isLocal = local !== null && stored !== null;
  const keepsPhotos =
    isLocal &&
    !hasOwnQueue &&
    local.has_local_queue &&
    (process.env.S3_ENDPOINT ?? '') === '' &&
    local.objects === new URL(local.queue).origin;
  return { settings, isLocal, photosFolder: keepsPhotos ? SPINBAY_DATA_DIR : null };
}

function checksOf(settings: Awaited<ReturnType<typeof findSettings>>['settings']): Check[] {
  const { AWS_ACCESS_KEY_ID: accessKeyId, AWS_SECRET_ACCESS_KEY: secretAccessKey, AWS_REGION: region } = settings;
  const credentials =
    accessKeyId !== undefined && secretAccessKey !== undefined ? { accessKeyId, secretAccessKey } : undefined;
  const options = objectsOptionsOf(settings);
  const objects = createObjects({ ...options, credentials: options.credentials ?? credentials });
  const queue = createQueue({ endpoint: settings.SQS_ENDPOINT, region, queueUrl: settings.SQS_QUEUE_URL, credentials });
  const timeout = () => ({ signal: AbortSignal.timeout(5_000) });
  return [
    {
      name: 'database',
      run: async () =>
        inspectDatabase(await databaseUrlWith(settings.DATABASE_URL, settings.DATABASE_SECRET), migrationsDir),
    },
    {
      name: 'bucket',
      run: async () => {
        await objects.ready(timeout());
        return `${settings.S3_BUCKET} is reachable`;
      },
    },
    {
      name: 'queue',
      run: async () => {
        await queue.ready(timeout());
        const { visible, inFlight } = await queue.depth();
        return `${visible} messages waiting, ${inFlight} in flight`;
      },
    },
    {
      name: 'dead-letter queue',
      run: async () => {
        const dead = await queue.deadLetterDepth();
        if (dead === null)
          throw new Error(
            'the queue has none, so a message that always fails is retried forever. Add a redrive policy with 3 receives.',
          );
        if (dead > 0)
          throw new Error(
            `${dead} messages failed three times. Find the reason in the worker's log, then move them back with "spinbay dlq redrive".`,
          );
        return 'empty';
      },
    },
    {
      name: 'issuer',
      run: async () => {
        const { OIDC_ISSUER: issuer, OIDC_ENDPOINT_ORIGIN: allowed } = settings;
        const { tokenUrl } = await discoverIssuer(issuer);
        if (tokenUrl === undefined) throw new Error(`${issuer} has no token endpoint, which the portal needs.`);
        const { origin } = new URL(tokenUrl);
        if (origin !== (allowed ?? new URL(issuer).origin))
          throw new Error(
            `its token endpoint is at ${origin}. Set OIDC_ENDPOINT_ORIGIN to this address, for the portal and for this command; otherwise browsers block the sign-in.`,
          );
        return `${issuer} answers`;
      },
    },
  ];
}
