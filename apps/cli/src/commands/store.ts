import { ensureStore } from '@spinbay/local-cloud/set-up';
import { readSettings } from '@spinbay/runtime';
import { CommandError } from '../terminal/command-error.ts';
import { parseFlags } from '../terminal/parse-flags.ts';
import { print } from '../terminal/print.ts';

const usage = 'store create';

export const store = {
  usage,
  about:
    'Creates the bucket S3_BUCKET and the queue of its events on the S3 and SQS server of S3_ENDPOINT, if they do not exist, and allows the portal and the capture app to use the bucket. For compose.yaml; "npm start" does this by itself.',
  details: '  AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY are those of "admin" in SPINBAY_CLOUD_ACCESS_KEYS.',
  run,
};

async function run(args: string[]): Promise<number> {
  const { positionals } = parseFlags(usage, args, {});
  if (positionals.join(' ') !== 'create') throw new CommandError(`Name one command.\nUsage: spinbay ${usage}`);
  const settings = readSettings(
    process.env,
    ['S3_ENDPOINT', 'S3_BUCKET', 'AWS_REGION', 'AWS_ACCESS_KEY_ID', 'AWS_SECRET_ACCESS_KEY', 'SPINBAY_PORTAL_URL'],
    ['SPINBAY_CAPTURE_URL'],
  );
  const { S3_ENDPOINT: endpoint, S3_BUCKET: bucket, AWS_REGION: region, SPINBAY_CAPTURE_URL: capture } = settings;
  const credentials = {
    accessKeyId: settings.AWS_ACCESS_KEY_ID,
    secretAccessKey: settings.AWS_SECRET_ACCESS_KEY,
  };
  const pages = [settings.SPINBAY_PORTAL_URL, ...(capture === undefined ? [] : [capture])];
  try {
    const queueUrl = await ensureStore({ endpoint, region, credentials, bucket, pages });
    print(`The bucket ${bucket} sends its events to ${queueUrl}`);
    return 0;
  } catch (error) {
    const { name, message } = error as Error;
    throw new CommandError(
      `The store at ${endpoint} did not create the bucket and the queue (${name}: ${message}). Check that it runs, and check S3_ENDPOINT and the access key.`,
      { cause: error },
    );
  }
}
