import { ensureBucket, ensureQueues } from '@spinbay/local-cloud/set-up';
import type { Urls } from './addresses.ts';
import type { DataFolder } from './data-folder.ts';
import type { DatabaseUrls } from './database.ts';

import { StackError } from './stack-error.ts';
import type { StackSettings } from './stack-settings.ts';

export function usesLocalCloud(s: StackSettings): boolean {
  return s.S3_ENDPOINT === undefined && s.SQS_ENDPOINT === undefined && s.SQS_QUEUE_URL === undefined;
}

export interface CloudStart {
  readonly settings: StackSettings;
  readonly folder: DataFolder;
  readonly database: DatabaseUrls;
  readonly inside: Urls;
  readonly outside: Urls;
  /** Settings that every process gets. */
  readonly base: Record<string, string>;
  readonly run: (name: 'cloud', env: Record<string, string>) => Promise<void>;
}

/** Runs the local S3 and SQS server, unless the settings name others. @returns the settings that other processes need */
export async function startCloud({ settings, folder, database, inside, outside, base, run }: CloudStart) {
  const region = settings.AWS_REGION;
  const common = { AWS_REGION: region, S3_BUCKET: settings.S3_BUCKET };
  if (!usesLocalCloud(settings)) {
    if (settings.SQS_QUEUE_URL === undefined) {
      throw new StackError(
        'S3_ENDPOINT or SQS_ENDPOINT is set, and SQS_QUEUE_URL is not. Set it to the queue that receives the events of the bucket, or leave all three unset to use the local server.',
      );
    }
    const external = { ...common, SQS_QUEUE_URL: settings.SQS_QUEUE_URL };
    // The SDK finds the caller's credentials itself.
    return { settings: external, credentialsOf: () => ({}) };
  }
  const endpoint = inside.objects;
  const { accessKeys } = folder.secrets;
  await run('cloud', {
    ...base,
    ...common,
    SPINBAY_CLOUD_ACCESS_KEYS: JSON.stringify(accessKeys),
    SPINBAY_CLOUD_DATABASE_URL: database.cloud,
  });
  const credentials = accessKeys.admin;
  const server = { endpoint, region, credentials };
  const { queueArn, queueUrl } = await ensureQueues({
    ...server,
    name: 'spinbay-images',
    maxReceiveCount: 3,
    visibilitySeconds: 60,
  });
  const bucket = settings.S3_BUCKET;
  await ensureBucket({
    ...server,
    bucket,
    corsOrigins: [...new Set([outside.portal, outside.capture].map((url) => new URL(url).origin))],
    queueArn,
    suffixes: ['.jpg', '.heic'],
  });
  return {
    settings: {
      ...common,
      S3_ENDPOINT: endpoint,
      S3_PUBLIC_ENDPOINT: outside.objects,
      SQS_ENDPOINT: endpoint,
      SQS_QUEUE_URL: queueUrl,
    },
    credentialsOf: (role: 'api' | 'worker') => ({
      AWS_ACCESS_KEY_ID: accessKeys[role].accessKeyId,
      AWS_SECRET_ACCESS_KEY: accessKeys[role].secretAccessKey,
      // The caller's AWS credentials must not mix with the local keys.
      AWS_SESSION_TOKEN: '',
      AWS_PROFILE: '',
    }),
  };
}
