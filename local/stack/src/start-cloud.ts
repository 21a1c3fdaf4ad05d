import { ensureImageQueue, ensureStore } from '@spinbay/local-cloud/set-up';
import type { Urls } from './addresses.ts';
import type { DataFolder } from './data-folder.ts';
import type { DatabaseUrls } from './database.ts';
import { StackError } from './stack-error.ts';
import type { StackSettings } from './stack-settings.ts';

/** Whether the local S3 and SQS server runs: for photos and messages, or only for messages. */
export function runsLocalCloud(s: StackSettings): boolean {
  return s.SQS_ENDPOINT === undefined && s.SQS_QUEUE_URL === undefined;
}

export function keepsPhotosLocally(s: StackSettings): boolean {
  return runsLocalCloud(s) && s.S3_ENDPOINT === undefined;
}

export interface CloudStart {
  readonly settings: StackSettings;
  readonly folder: DataFolder;
  readonly database: DatabaseUrls;
  readonly outside: Urls;
  /** Settings that every process gets. */
  readonly base: Record<string, string>;
  readonly run: (name: 'cloud', env: Record<string, string>) => Promise<void>;
}

/**
 * Runs the local S3 and SQS server, unless the settings name another queue.
 * @returns the settings that other processes need, and the credentials of each role
 */
export async function startCloud({ settings, folder, database, outside, base, run }: CloudStart) {
  const region = settings.AWS_REGION;
  const common = { AWS_REGION: region, S3_BUCKET: settings.S3_BUCKET };
  if (!runsLocalCloud(settings)) {
    if (settings.SQS_QUEUE_URL === undefined) {
      throw new StackError(
        'SQS_ENDPOINT is set, and SQS_QUEUE_URL is not. Set it to the queue that receives the events of the bucket, or leave both unset to use the local queue.',
      );
    }
    const external = { ...common, SQS_QUEUE_URL: settings.SQS_QUEUE_URL };
    // The SDK finds the caller's credentials itself.
    return { settings: external, credentialsOf: () => ({}) };
  }
  const isLocal = keepsPhotosLocally(settings);
  assertCredentials(settings, isLocal);
  const endpoint = `http://127.0.0.1:${settings.SPINBAY_CLOUD_PORT}`;
  const { accessKeys } = folder.secrets;
  await run('cloud', {
    ...base,
    ...common,
    SPINBAY_CLOUD_ACCESS_KEYS: JSON.stringify(accessKeys),
    SPINBAY_CLOUD_DATABASE_URL: database.cloud,
  });
  const server = { endpoint, region, credentials: accessKeys.admin };
  const pages = [outside.portal, outside.capture];
  const queueUrl = isLocal
    ? await ensureStore({ ...server, bucket: settings.S3_BUCKET, pages })
    : (await ensureImageQueue(server)).queueUrl;
  const queue = { SQS_ENDPOINT: endpoint, SQS_QUEUE_URL: queueUrl };
  // Another store cannot send events to the local queue. With UPLOAD_HINTS, the API sends the messages instead.
  const objects: Record<string, string> = isLocal
    ? { S3_ENDPOINT: endpoint, S3_PUBLIC_ENDPOINT: outside.objects }
    : { UPLOAD_HINTS: 'on' };
  return {
    settings: { ...common, ...queue, ...objects },
    credentialsOf: (role: 'api' | 'worker' | 'eraser') => ({
      AWS_ACCESS_KEY_ID: accessKeys[role].accessKeyId,
      AWS_SECRET_ACCESS_KEY: accessKeys[role].secretAccessKey,
      // The caller's AWS credentials must not mix with the local keys.
      AWS_SESSION_TOKEN: '',
      AWS_PROFILE: '',
    }),
  };
}

function assertCredentials({ S3_REGION, S3_ACCESS_KEY_ID }: StackSettings, isLocal: boolean): void {
  if (isLocal && (S3_REGION ?? S3_ACCESS_KEY_ID) !== undefined) {
    const name = S3_REGION === undefined ? 'S3_ACCESS_KEY_ID' : 'S3_REGION';
    throw new StackError(`${name} is set, and S3_ENDPOINT is not. Set both, or neither to keep the photos here.`);
  }
  if (!isLocal && S3_ACCESS_KEY_ID === undefined) {
    throw new StackError(
      'S3_ENDPOINT is set, and S3_ACCESS_KEY_ID is not. Set it and S3_SECRET_ACCESS_KEY to the credentials of the object store. The local queue has its own.',
    );
  }
}
