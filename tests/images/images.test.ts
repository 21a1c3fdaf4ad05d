import { chmod, mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { freePorts } from '@spinbay/runtime/testing';
import pg from 'pg';
import { afterAll, beforeAll, expect, onTestFailed, test, vi } from 'vitest';
import { beginSpinbay, type Installation, makePlace, type Place, start } from '../e2e/support/installation.ts';
import { sampleSpin } from '../e2e/support/sample-spin.ts';
import { databaseUrl, secretsOf } from '../e2e/support/secrets.ts';
import { begin, describeAll, exec, inspectImage, logsOf, removeAll, runOnce, stop } from './engine.ts';

/** The databases of the containers, on the PostgreSQL of the installation. */
const [database, storeDatabase] = ['spinbay_images', 'spinbay_images_store'];
const bucket = 'spinbay';
/** The spin is visible in seconds. `ingest` itself would wait five minutes for a worker that does nothing. */
const ingestPatienceMs = 120_000;
const containers = ['api', 'worker', 'portal', 'capture', 'store'];
/** The images, each with software that its list must name. */
const images = [
  ['api', 'fastify'],
  ['worker', 'sharp'],
  ['worker-ffmpeg', 'ffmpeg'],
  ['portal', 'react-router'],
  ['capture', 'react-native-web'],
  ['store', 'fast-xml-parser'],
  ['migrate', 'uuid'],
] as const;

let place: Place;
/** Provides PostgreSQL and the sign-in provider. */
let installation: Installation;
let ports: { api: number; portal: number; capture: number; worker: number; ffmpegWorker: number; store: number };
let organizationId: string;
/** The settings of a second worker. */
let ffmpegWorkerSettings: Record<string, string>;

beforeAll(async () => {
  place = await makePlace();
  installation = await start(place);
  const [api = 0, portal = 0, capture = 0, worker = 0, ffmpegWorker = 0, store = 0] = await freePorts(6);
  ports = { api, portal, capture, worker, ffmpegWorker, store };
  await createDatabases();
  try {
    organizationId = await prepareOrganization();
    await beginStore();
    await beginAll();
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

test.each(containers)('%s runs as a user without privileges and cannot write outside /tmp', async (name) => {
  const script = `console.log(process.getuid());
    for (const file of ['/app/x', '/etc/x', '/tmp/x'])
      try { require('fs').writeFileSync(file, ''); console.log('ok'); } catch (e) { console.log(e.code); }`;
  expect((await exec(name, ['node', '-e', script])).split('\n')).toEqual(['10001', 'EROFS', 'EROFS', 'ok', '']);
});

test.each(containers)('the health check of %s passes while it serves, and fails without a server', async (name) => {
  const [program = '', ...args] = (await inspectImage(name)).health ?? [];
  await exec(name, [program, ...args]);
  // Nothing listens on port 1.
  const names = ['API', 'WORKER', 'PORTAL', 'CAPTURE', 'CLOUD'];
  const env = Object.fromEntries(names.map((part) => [`SPINBAY_${part}_PORT`, '1']));
  await expect(runOnce(name, { env, flags: ['--entrypoint', program], command: args })).rejects.toThrow();
});

test.each(images)(
  '%s is an image for an unprivileged user that stops on SIGTERM and lists its software',
  async (image, own) => {
    const { user, stopSignal } = await inspectImage(image);
    expect([user, stopSignal]).toEqual(['10001:10001', 'SIGTERM']);
    const text = await runOnce(image, { flags: ['--entrypoint', 'cat'], command: ['/app/sbom.cdx.json'] });
    const list = JSON.parse(text) as { bomFormat: string; components: { name: string; purl: string }[] };
    expect(list.bomFormat).toBe('CycloneDX');
    expect(list.components.map(({ name }) => name)).toEqual(expect.arrayContaining(['node', 'libc6', own]));
    expect(list.components.filter(({ purl }) => !/^pkg:(npm|deb|generic)\/.+@.+/.test(purl))).toEqual([]);
  },
);

test('the worker with ffmpeg chooses it for HEIC photos, and the other one libde265', async () => {
  expect(await logsOf('worker')).toContain('"heic_by":"libde265"');
  await begin('worker-ffmpeg', 'worker-ffmpeg', { env: ffmpegWorkerSettings });
  onTestFailed(async () => console.error(await describeAll()));
  await expect.poll(() => logsOf('worker-ffmpeg')).toContain('"heic_by":"/usr/bin/ffmpeg"');
  expect(await stop('worker-ffmpeg')).toBe(0);
});

test.each(containers)('%s ends by itself on SIGTERM', async (name) => {
  onTestFailed(async () => console.error(await describeAll()));
  expect(await stop(name)).toBe(0);
});

/** Migrates the database twice, and creates an organization whose devices need no code. @returns its id */
async function prepareOrganization(): Promise<string> {
  const owner = withDatabase(databaseUrl(place, installation, 'owner'), database);
  const command = (...args: string[]) => runOnce('migrate', { env: { DATABASE_URL: owner }, command: args });
  expect(await command('migrate')).toMatch(/0001/);
  expect(await command('migrate')).toContain('The database is up to date.');
  const created = await command('org', 'create', 'Image Motors', '--site', 'Hall 1', '--json');
  const { id } = JSON.parse(created) as { id: string };
  await command('org', 'enrolment', id, 'open');
  return id;
}

/** Starts the S3 and SQS server, and creates its bucket and queue. */
async function beginStore(): Promise<void> {
  const { accessKeys } = secretsOf(place);
  await begin('store', 'store', {
    flags: ['--volume', '/data'],
    env: {
      SPINBAY_HOST: '127.0.0.1',
      SPINBAY_CLOUD_PORT: String(ports.store),
      SPINBAY_CLOUD_DATABASE_URL: withDatabase(databaseUrl(place, installation, 'cloud'), storeDatabase),
      SPINBAY_CLOUD_ACCESS_KEYS: JSON.stringify(accessKeys),
    },
  });
  const url = `http://127.0.0.1:${ports.store}`;
  await answers(url, 403);
  const env = {
    S3_ENDPOINT: url,
    S3_BUCKET: bucket,
    AWS_ACCESS_KEY_ID: accessKeys.admin.accessKeyId,
    AWS_SECRET_ACCESS_KEY: accessKeys.admin.secretAccessKey,
    SPINBAY_PORTAL_URL: `http://127.0.0.1:${ports.portal}`,
  };
  expect(await runOnce('migrate', { env, command: ['store', 'create'] })).toContain(queueUrl());
}

function queueUrl(): string {
  return `http://127.0.0.1:${ports.store}/000000000000/spinbay-images`;
}

async function beginAll(): Promise<void> {
  const { api, portal, capture } = ports;
  const objects = `http://127.0.0.1:${ports.store}`;
  const { accessKeys } = secretsOf(place);
  const settings = {
    SPINBAY_HOST: '127.0.0.1',
    SPINBAY_API_PORT: String(api),
    SPINBAY_API_URL: `http://127.0.0.1:${api}`,
    SPINBAY_PORTAL_PORT: String(portal),
    SPINBAY_PORTAL_URL: `http://127.0.0.1:${portal}`,
    SPINBAY_CAPTURE_PORT: String(capture),
    SPINBAY_CAPTURE_URL: `http://127.0.0.1:${capture}`,
    SPINBAY_WORKER_PORT: String(ports.worker),
    OIDC_ISSUER: installation.endpoints.oidc,
    AWS_REGION: 'us-east-1',
    S3_BUCKET: bucket,
    S3_ENDPOINT: objects,
    S3_PUBLIC_ENDPOINT: objects,
    SQS_ENDPOINT: objects,
    SQS_QUEUE_URL: queueUrl(),
  };
  const withRights = (role: 'api' | 'worker') => ({
    ...settings,
    DATABASE_URL: withDatabase(installation.endpoints.database, database),
    AWS_ACCESS_KEY_ID: accessKeys[role].accessKeyId,
    AWS_SECRET_ACCESS_KEY: accessKeys[role].secretAccessKey,
  });
  await begin('api', 'api', {
    flags: ['--volume', `${await createKeys()}:/keys:ro`],
    env: { ...withRights('api'), SPINBAY_SIGNING_KEYS: '/keys/signing-keys.json' },
  });
  await begin('worker', 'worker', { env: withRights('worker') });
  await begin('portal', 'portal', { env: settings });
  await begin('capture', 'capture', { env: { ...settings, SPINBAY_CAPTURE_ORG_ID: organizationId } });
  ffmpegWorkerSettings = { ...withRights('worker'), SPINBAY_WORKER_PORT: String(ports.ffmpegWorker) };
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

async function answers(url: string, expected = 200): Promise<void> {
  const check = async () => expect((await fetch(url)).status).toBe(expected);
  await vi.waitFor(check, { timeout: 60_000, interval: 200 });
}

async function createDatabases(): Promise<void> {
  const client = new pg.Client({ connectionString: databaseUrl(place, installation, 'postgres') });
  await client.connect();
  await client.query(`create database ${database} owner spinbay_owner template template0 encoding 'UTF8'`);
  await client.query(`create database ${storeDatabase} owner spinbay_cloud template template0 encoding 'UTF8'`);
  await client.query(`grant connect on database ${database} to spinbay_app`);
  await client.end();
}

function withDatabase(url: string, name: string): string {
  const changed = new URL(url);
  changed.pathname = `/${name}`;
  return changed.toString();
}
