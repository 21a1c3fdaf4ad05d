import { chmod, mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { ensureBucket, ensureQueues } from '@spinbay/local-cloud/set-up';
import pg from 'pg';
import { afterAll, beforeAll, expect, onTestFailed, test, vi } from 'vitest';
import {
  beginSpinbay,
  freePorts,
  type Installation,
  makePlace,
  type Place,
  start,
} from '../e2e/support/installation.ts';
import { sampleSpin } from '../e2e/support/sample-spin.ts';
import { databaseUrl, secretsOf } from '../e2e/support/secrets.ts';
import { begin, describeAll, exec, removeAll, runOnce, stop } from './engine.ts';

/** Other names than those of the installation, whose worker would take the messages of its own queue. */
const [database, bucket, queueName] = ['spinbay_images', 'spinbay-images', 'images-of-containers'];
/** The spin is visible in seconds. `ingest` itself would wait five minutes for a worker that does nothing. */
const ingestPatienceMs = 120_000;
const containers = ['api', 'worker', 'portal', 'capture'];

let place: Place;
/** Provides PostgreSQL, the S3 and SQS server and the sign-in provider. */
let installation: Installation;
let ports: { api: number; portal: number; capture: number };
let organizationId: string;

beforeAll(async () => {
  place = await makePlace();
  installation = await start(place);
  await createDatabase();
  try {
    organizationId = await prepareOrganization();
    await beginAll(await createBucket());
    await answers(`http://127.0.0.1:${ports.api}/readyz`);
    await answers(`http://127.0.0.1:${ports.portal}/config.json`);
    await answers(`http://127.0.0.1:${ports.capture}/config.json`);
  } catch (error) {
    console.error(await describeAll());
    throw error;
  }
}, 600_000);

afterAll(async () => {
  await removeAll();
  await installation?.stop();
  await place?.remove();
}, 240_000);

test('a spin goes through the images, on a read-only file system and without capabilities', async () => {
  onTestFailed(async () => console.error(await describeAll()));
  const page = await (await fetch(`http://127.0.0.1:${ports.portal}/`)).text();
  expect(page).toContain('<div id="root">');
  const spin = join(place.dataDir, '..', 'spin');
  await sampleSpin(spin);
  const ingest = beginSpinbay(
    place,
    ...['ingest', spin, '--stock', 'IMAGE-1', '--api', `http://127.0.0.1:${ports.api}`, '--org', organizationId],
    '--json',
  );
  const patience = setTimeout(() => ingest.kill(), ingestPatienceMs);
  const { stdout, stderr } = await ingest.done;
  clearTimeout(patience);
  expect(stdout, `ingest did not end by itself; it printed: ${stderr}`).not.toBe('');
  const { images } = JSON.parse(stdout) as { images: { status: string }[] };
  expect(images.map(({ status }) => status)).toEqual(Array(24).fill('processed'));
});

test.each(containers)('%s runs as a user without privileges and cannot write beside /tmp', async (name) => {
  const script = `console.log(process.getuid());
    for (const file of ['/app/x', '/etc/x', '/tmp/x'])
      try { require('fs').writeFileSync(file, ''); console.log('ok'); } catch (e) { console.log(e.code); }`;
  expect((await exec(name, ['node', '-e', script])).split('\n')).toEqual(['10001', 'EROFS', 'EROFS', 'ok', '']);
});

test.each(containers)('%s ends by itself on SIGTERM', async (name) => {
  onTestFailed(async () => console.error(await describeAll()));
  expect(await stop(name)).toBe(0);
});

/** Migrates the database twice, and creates an organization whose devices need no code. @returns its id */
async function prepareOrganization(): Promise<string> {
  const owner = withDatabase(databaseUrl(place, installation, 'owner'));
  const command = (...args: string[]) => runOnce('migrate', { env: { DATABASE_URL: owner }, command: args });
  expect(await command('migrate')).toMatch(/0001/);
  expect(await command('migrate')).toContain('The database is up to date.');
  const created = await command('org', 'create', 'Image Motors', '--site', 'Hall 1', '--json');
  const { id } = JSON.parse(created) as { id: string };
  await command('org', 'enrolment', id, 'open');
  return id;
}

/** @returns the URL of the queue that receives the events of the bucket */
async function createBucket(): Promise<string> {
  const { objects, portal } = installation.endpoints;
  const server = { endpoint: objects, region: 'us-east-1', credentials: secretsOf(place).accessKeys.admin };
  const queue = await ensureQueues({ ...server, name: queueName, maxReceiveCount: 3, visibilitySeconds: 60 });
  const { queueArn, queueUrl } = queue;
  await ensureBucket({ ...server, bucket, corsOrigins: [portal], queueArn, suffixes: ['.jpg', '.heic'] });
  return queueUrl;
}

async function beginAll(queueUrl: string): Promise<void> {
  const [api = 0, portal = 0, capture = 0, worker = 0] = await freePorts(4);
  ports = { api, portal, capture };
  const { objects, oidc } = installation.endpoints;
  const { accessKeys } = secretsOf(place);
  const settings = {
    SPINBAY_HOST: '127.0.0.1',
    SPINBAY_API_PORT: String(api),
    SPINBAY_API_URL: `http://127.0.0.1:${api}`,
    SPINBAY_PORTAL_PORT: String(portal),
    SPINBAY_PORTAL_URL: `http://127.0.0.1:${portal}`,
    SPINBAY_CAPTURE_PORT: String(capture),
    SPINBAY_CAPTURE_URL: `http://127.0.0.1:${capture}`,
    SPINBAY_WORKER_PORT: String(worker),
    OIDC_ISSUER: oidc,
    AWS_REGION: 'us-east-1',
    S3_BUCKET: bucket,
    S3_ENDPOINT: objects,
    S3_PUBLIC_ENDPOINT: objects,
    SQS_ENDPOINT: objects,
    SQS_QUEUE_URL: queueUrl,
  };
  const withRights = (role: 'api' | 'worker') => ({
    ...settings,
    DATABASE_URL: withDatabase(installation.endpoints.database),
    AWS_ACCESS_KEY_ID: accessKeys[role].accessKeyId,
    AWS_SECRET_ACCESS_KEY: accessKeys[role].secretAccessKey,
  });
  await begin('api', 'api', {
    flags: ['--volume', `${await createKeys()}:/keys:ro`],
    env: { ...withRights('api'), SPINBAY_SIGNING_KEYS: '/keys/signing-keys.json' },
  });
  await begin('worker', 'worker', { env: withRights('worker') });
  await begin('portal', 'web', { env: settings });
  await begin('capture', 'web', {
    env: { ...settings, SPINBAY_CAPTURE_ORG_ID: organizationId },
    command: ['node', '/app/capture-server.mjs'],
  });
}

/** Creates signing keys with the image, as its user. @returns the folder of the file */
async function createKeys(): Promise<string> {
  const folder = join(place.dataDir, '..', 'keys');
  await mkdir(folder);
  await chmod(folder, 0o777);
  const command = ['keys', 'create', '--file', '/keys/signing-keys.json'];
  await runOnce('migrate', { flags: ['--volume', `${folder}:/keys`], command });
  return folder;
}

async function answers(url: string): Promise<void> {
  const check = async () => expect((await fetch(url)).status).toBe(200);
  await vi.waitFor(check, { timeout: 60_000, interval: 200 });
}

async function createDatabase(): Promise<void> {
  const client = new pg.Client({ connectionString: databaseUrl(place, installation, 'postgres') });
  await client.connect();
  await client.query(`create database ${database} owner spinbay_owner template template0 encoding 'UTF8'`);
  await client.query(`grant connect on database ${database} to spinbay_app`);
  await client.end();
}

function withDatabase(url: string): string {
  const changed = new URL(url);
  changed.pathname = `/${database}`;
  return changed.toString();
}
