import { once } from 'node:events';
import { readFileSync, statSync } from 'node:fs';
import { copyFile, mkdir, rm, truncate, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { codedTiles } from '../../packages/imaging/src/heic/test-coded-tiles.ts';
import { heif, irot } from '../../packages/imaging/src/heic/test-heif.ts';
import {
  hasEnded,
  type Installation,
  launch,
  makePlace,
  type Place,
  processesOf,
  spinbay,
  start,
} from '../e2e/support/installation.ts';
import { sampleSpin } from '../e2e/support/sample-spin.ts';
import { databaseUrl, secretsOf } from '../e2e/support/secrets.ts';

/** Runs a start that is expected to fail. */
async function failingStart(
  place: Place,
  env: Record<string, string> = {},
): Promise<{ status: number | null; text: string }> {
  const { process: child, printed } = launch({ ...place, env: { ...place.env, ...env } }, ['--no-sample']);
  if (!hasEnded(child)) await once(child, 'exit');
  return { status: child.exitCode, text: printed() };
}

describe('a start says why it fails and what to do if', () => {
  let place: Place;
  beforeAll(async () => {
    place = await makePlace();
  });
  afterAll(() => place?.remove());

  test('a port is in use', async () => {
    const port = Number(place.env.SPINBAY_PORTAL_PORT);
    const other = createServer().listen(port, '127.0.0.1');
    const { status, text } = await failingStart(place);
    other.close();
    expect(status).toBe(1);
    expect(text).toContain(`${port} (SPINBAY_PORTAL_PORT)`);
    expect(text).toMatch(/Stop the program that uses them, or set/);
    expect(await processesOf(place)).toEqual([]);
  });

  test('settings are malformed, and names all of them', async () => {
    const { status, text } = await failingStart(place, {
      SPINBAY_API_PORT: 'many',
      QC_CLIP_FRACTION: '5',
      LOG_LEVEL: 'loud',
    });
    expect(status).toBe(1);
    for (const name of ['SPINBAY_API_PORT', 'QC_CLIP_FRACTION', 'LOG_LEVEL']) expect(text).toContain(name);
    expect(text).not.toMatch(/at .*\.mjs/);
  });

  test('the data folder cannot be written', async () => {
    const file = join(place.dataDir, '..', 'a-file');
    await writeFile(file, '');
    const { status, text } = await failingStart(place, { SPINBAY_DATA_DIR: join(file, 'data') });
    expect(status).toBe(1);
    expect(text).toMatch(/data folder .* cannot be written .*SPINBAY_DATA_DIR/);
  });

  test('the database of DATABASE_URL does not answer', async () => {
    const { status, text } = await failingStart(place, { DATABASE_URL: 'postgres://nobody:x@127.0.0.1:1/postgres' });
    expect(status).toBe(1);
    expect(text).toMatch(/database does not answer.*DATABASE_URL/);
  });
});

describe('an installation that runs', () => {
  let place: Place;
  let installation: Installation;
  let spin: string;
  beforeAll(async () => {
    place = await makePlace();
    spin = join(place.dataDir, '..', 'spin');
    installation = await start(place);
    await sampleSpin(spin);
  });
  afterAll(async () => {
    await installation?.stop();
    await place?.remove();
  });

  test('only their owner can read the secrets', () => {
    for (const name of ['secrets.json', 'signing-keys.json', 'demo-users.json', 'endpoints.json', 'oidc-keys.json']) {
      expect([name, statSync(join(place.dataDir, name)).mode & 0o777]).toEqual([name, 0o600]);
    }
  });

  test('a second start on the same folder says that one is running, and harms nothing', async () => {
    const { status, text } = await failingStart(place);
    expect(status).toBe(1);
    expect(text).toMatch(/already running on .* \(process \d+\)/);
    expect((await fetch(`${installation.endpoints.api}/readyz`)).status).toBe(200);
  });

  test('doctor confirms a healthy installation and names faults', async () => {
    const well = await spinbay(place, 'doctor');
    const passed = [...well.stdout.matchAll(/^(?:ok|note) +([^:]+):/gm)].map(([, check]) => check);
    expect([well.status, passed]).toEqual([
      0,
      ['database', 'bucket', 'queue', 'dead-letter queue', 'issuer', 'disk', 'HEIC photos'],
    ]);
    const ill = await spinbay({ ...place, env: { ...place.env, S3_BUCKET: 'no-such-bucket' } }, 'doctor');
    expect(ill.status).toBe(1);
    expect(ill.stdout).toMatch(/^FAIL {2}bucket/m);
  });

  test('ingest refuses a folder without images, a missing folder and a missing stock number', async () => {
    const empty = join(spin, '..', 'empty');
    await mkdir(empty, { recursive: true });
    expect((await spinbay(place, 'ingest', empty, '--stock', 'E1')).stderr).toMatch(/has no \.jpg/);
    expect((await spinbay(place, 'ingest', `${empty}-not`, '--stock', 'E1')).stderr).toMatch(/There is no folder/);
    expect((await spinbay(place, 'ingest', spin)).stderr).toMatch(/--stock is missing/);
  });

  test('each bad file among good ones gets its reason, and the good ones, with a HEIC, are delivered', async () => {
    const folder = join(spin, '..', 'mixed');
    await mkdir(folder);
    for (let k = 0; k < 24; k++) {
      const name = `angle_${String(k * 15).padStart(3, '0')}.jpg`;
      await copyFile(join(spin, name), join(folder, name));
    }
    await writeFile(join(folder, 'angle_030.jpg'), 'this is no picture');
    const cut = join(folder, 'angle_045.jpg');
    await truncate(cut, Math.floor(statSync(cut).size / 2));
    await writeFile(join(folder, 'angle_060.jpg'), '');
    await rm(join(folder, 'angle_075.jpg'));
    // Large enough not to fail because of its size.
    const grid = { columns: 4, rows: 3, width: 250, height: 190 };
    await writeFile(join(folder, 'angle_075.heic'), heif({ tile: codedTiles.full, grid, properties: [irot(1)] }));
    const run = await spinbay(place, 'ingest', folder, '--stock', 'MIXED-1', '--json');
    expect(run.status).toBe(1);
    const { images } = JSON.parse(run.stdout) as {
      images: { angle_deg: number; status: string; reason: string | null }[];
    };
    expect(images).toHaveLength(24);
    const bad = images.filter((image) => image.status !== 'processed');
    expect(bad.map((image) => [image.angle_deg, image.status])).toEqual([
      [30, 'failed'],
      [45, 'failed'],
      [60, 'not_sent'],
    ]);
    for (const image of bad) expect(image.reason).toMatch(/\w+ .*\w+/);
  });

  test('ingesting a folder again changes nothing and prints the same', async () => {
    const first = JSON.parse((await spinbay(place, 'ingest', spin, '--stock', 'TWICE-1', '--json')).stdout) as {
      session_id: string;
      images: { id: string }[];
    };
    const again = await spinbay(place, 'ingest', spin, '--stock', 'TWICE-1', '--json');
    expect(again.status).toBe(0);
    const second = JSON.parse(again.stdout) as typeof first;
    expect(second.session_id).toBe(first.session_id);
    expect(second.images.map((image) => image.id)).toEqual(first.images.map((image) => image.id));
  });

  test('no log has a password, a token or a signed URL', () => {
    const { accessKeys, ...databasePasswords } = secretsOf(place);
    const passwords = (
      JSON.parse(readFileSync(join(place.dataDir, 'demo-users.json'), 'utf8')) as { password: string }[]
    ).map((user) => user.password);
    const needles = [
      ...(Object.values(databasePasswords) as string[]),
      ...Object.values(accessKeys).map((key) => key.secretAccessKey),
      ...passwords,
      'X-Amz-Signature=',
      'eyJ',
    ];
    for (const name of ['api', 'worker', 'cloud', 'oidc', 'portal', 'capture']) {
      const log = readFileSync(join(place.dataDir, 'logs', `${name}.log`), 'utf8');
      for (const needle of needles)
        expect(log.includes(needle), `${name}.log has ${needle.slice(0, 3)}...`).toBe(false);
    }
  });

  test('spinbay migrate updates a database as its owner, and tells another role what to do', async () => {
    const migrate = (url: string) => spinbay({ ...place, env: { ...place.env, DATABASE_URL: url } }, 'migrate');
    const done = await migrate(databaseUrl(place, installation, 'owner'));
    expect([done.status, done.stdout.trim()]).toEqual([0, 'The database is up to date.']);
    const other = new URL(installation.endpoints.database);
    other.pathname = '/spinbay_nowhere';
    expect(await migrate(other.toString())).toMatchObject({ status: 1, stderr: expect.stringMatching(/DATABASE_URL/) });
    expect(await migrate('postgres://spinbay_owner@127.0.0.1:1/spinbay')).toMatchObject({
      status: 1,
      stderr: expect.stringMatching(/does not answer.*DATABASE_URL/s),
    });
    expect(await spinbay(place, 'migrate')).toMatchObject({
      status: 1,
      stderr: expect.stringMatching(/DATABASE_URL is not set/),
    });
  });

  test('data of a newer version is refused with an explanation', async () => {
    const client = new pg.Client({ connectionString: databaseUrl(place, installation, 'owner') });
    await client.connect();
    await client.query(`insert into schema_migrations (name, run_on) values ('9999_future', now())`);
    await client.end();
    await installation.stop();
    const { status, text } = await failingStart(place);
    expect(status).toBe(1);
    expect(text).toMatch(/newer Spinbay \(it has 9999_future\).*Update this checkout/);
    expect(await processesOf(place)).toEqual([]);
  });
});
