// `npm run check:s3`: see scripts/check-s3.mjs.
import { parseArgs } from 'node:util';
import { ensurePhotoBucket, ignorePublicAcls } from '@spinbay/local-cloud/set-up';
import { createObjects } from '@spinbay/objects';
import { checkStore } from '@spinbay/objects/testing';
import { objectStore, objectsOptionsOf, readSettings } from '@spinbay/runtime';
import { sendSpin } from './send-spin.ts';

const settings = readOrExit();
const { values } = parseOrExit();
const options = objectsOptionsOf(settings);
const origins = [
  settings.SPINBAY_PORTAL_URL ?? `http://127.0.0.1:${settings.SPINBAY_PORTAL_PORT}`,
  settings.SPINBAY_CAPTURE_URL ?? `http://127.0.0.1:${settings.SPINBAY_CAPTURE_PORT}`,
].map((url) => new URL(url).origin);

console.log(
  `${options.endpoint ?? `Amazon S3 (${options.region})`}, bucket "${options.bucket}", pages at ${origins.join(' and ')}`,
);
if (values.create) await create();
const works = await check();
if (works && values.spin) await spin();
process.exit(works ? 0 : 1);

function readOrExit() {
  try {
    return readSettings(
      process.env,
      [...objectStore.required, 'SPINBAY_PORTAL_PORT', 'SPINBAY_CAPTURE_PORT'],
      [...objectStore.optional, 'S3_PUBLIC_ENDPOINT', 'SPINBAY_PORTAL_URL', 'SPINBAY_CAPTURE_URL'],
    );
  } catch (error) {
    return fail((error as Error).message);
  }
}

function parseOrExit() {
  try {
    return parseArgs({ options: { create: { type: 'boolean' }, spin: { type: 'boolean' } } });
  } catch (error) {
    return fail(`${(error as Error).message}\nUsage: npm run check:s3 -- [--create] [--spin]`);
  }
}

function fail(message: string): never {
  console.error(message);
  process.exit(2);
}

async function create(): Promise<void> {
  const { endpoint, region, bucket, credentials } = options;
  if (endpoint === undefined || credentials === undefined)
    return fail('--create needs S3_ENDPOINT, S3_ACCESS_KEY_ID and S3_SECRET_ACCESS_KEY.');
  const setUp = { endpoint, region, credentials, bucket, corsOrigins: origins };
  await step('the bucket and its CORS rules', () => ensurePhotoBucket(setUp));
  await step('the rule that ignores public access lists', () => ignorePublicAcls(setUp));
}

async function step(what: string, run: () => Promise<void>): Promise<void> {
  try {
    await run();
    console.log(`created  ${what}`);
  } catch (error) {
    const { name, message } = error as Error;
    console.log(`refused  ${what} (${name}: ${message}); create it by other means`);
  }
}

/** Prints the result of each call, and totals. @returns whether the store has everything that Spinbay needs */
async function check(): Promise<boolean> {
  let [met, missing, needed] = [0, 0, 0];
  for await (const finding of checkStore({ options, origins })) {
    if (finding.fault === null) {
      met += 1;
      console.log(`met      ${finding.call}`);
      continue;
    }
    if (finding.needed) needed += 1;
    else missing += 1;
    console.log(`${finding.needed ? 'NEEDED ' : 'missing'}  ${finding.call}`);
    console.log(`           the store: ${finding.fault}`);
    console.log(`           effect:   ${finding.consequence}`);
  }
  console.log(`${met} met, ${missing} missing that Spinbay can do without, ${needed} missing that it needs`);
  return needed === 0;
}

async function spin(): Promise<void> {
  const objects = createObjects(options);
  console.log('starting an installation that keeps its photos in this store');
  const { states, seconds, pictures, requeues } = await sendSpin({}, objects);
  objects.close();
  const processed = states.filter((state) => state === 'processed').length;
  console.log(
    `a spin of ${states.length} frames: ${processed} processed, uploaded in ${seconds.uploaded} s and visible after ${seconds.visible} s, ${requeues} found by the reconciler; ${pictures} pictures read; erased, with its objects`,
  );
  if (processed !== states.length || states.length !== 24) process.exit(1);
}
