import { createHash } from 'node:crypto';
import { copyFile, mkdir, readdir, readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createClient } from '@spinbay/client';
import { type Image, SessionId } from '@spinbay/contracts';
import { afterAll, beforeAll, expect, test } from 'vitest';
import {
  beginSpinbay,
  type Installation,
  launch,
  makePlace,
  type Place,
  spinbay,
  start,
} from '../e2e/support/installation.ts';
import { rowsOf } from '../e2e/support/rows-of.ts';
import { sampleSpin } from '../e2e/support/sample-spin.ts';

const places: Place[] = [];
const running: Installation[] = [];
let source: Place;
let installation: Installation;
let folder: string;
let file: string;
let before: { session_id: string; images: { id: string }[] };

async function newPlace(): Promise<Place> {
  const place = await makePlace();
  places.push(place);
  return place;
}
async function run(place: Place): Promise<Installation> {
  const started = await start(place);
  running.push(started);
  return started;
}

beforeAll(async () => {
  source = await newPlace();
  folder = join(source.dataDir, '..');
  file = join(folder, 'spinbay.backup');
  installation = await run(source);
  await sampleSpin(join(folder, 'spin'));
  await mkdir(join(folder, 'few'));
  for (const name of (await readdir(join(folder, 'spin'))).slice(0, 5)) {
    await copyFile(join(folder, 'spin', name), join(folder, 'few', name));
  }
  before = JSON.parse((await spinbay(source, 'ingest', join(folder, 'few'), '--stock', 'BEFORE', '--json')).stdout);
});
afterAll(async () => {
  for (const each of running) await each.stop();
  for (const place of places) await place.remove();
});

async function signedIn(place: Place, { api }: Installation['endpoints']) {
  const token = (await spinbay(place, 'token', '--user', 'admin@demo.test')).stdout.trim();
  return createClient({ baseUrl: api, token: () => token });
}

/** Fetches every picture of the images. @returns the number of originals whose bytes have the announced digest */
async function checkPictures(client: Awaited<ReturnType<typeof signedIn>>, images: readonly Image[]): Promise<number> {
  let originals = 0;
  for (const image of images) {
    for (const url of Object.values(image.thumb_urls ?? {})) {
      expect((await fetch(url)).headers.get('content-type')).toBe('image/jpeg');
    }
    const original = await client.getOriginal({ params: { image_id: image.id } }).catch(() => null);
    if (original === null) continue;
    const bytes = Buffer.from(await (await fetch(original.body.url)).arrayBuffer());
    expect(createHash('sha256').update(bytes).digest('hex')).toBe(image.hash_sha256);
    originals += 1;
  }
  return originals;
}

test('a backup that is made under load restores every frame that was acknowledged before it', async () => {
  const load = beginSpinbay(source, 'ingest', join(folder, 'spin'), '--stock', 'LOAD', '--json');
  await load.until('uploaded');
  const backup = await spinbay(source, 'backup', file);
  expect(backup).toMatchObject({ status: 0, stdout: expect.stringMatching(/Backed up .* objects, \d+ MB/) });
  expect((await stat(file)).mode & 0o777).toBe(0o600);
  expect(await spinbay(source, 'backup', file)).toMatchObject({
    status: 1,
    stderr: expect.stringContaining('already exists'),
  });
  expect((await load.done).status).toBe(0);

  const target = await newPlace();
  expect(await spinbay(target, 'restore', file)).toMatchObject({ status: 0 });
  const restored = await run(target);
  const [there, here] = [await signedIn(source, installation.endpoints), await signedIn(target, restored.endpoints)];
  const query = { session_id: SessionId.parse(before.session_id) };
  const pick = ({ id, status, hash_sha256, qc, storage_key }: Image) => ({ id, status, hash_sha256, qc, storage_key });
  const [wanted, found] = [await there.listImages({ query }), await here.listImages({ query })];
  expect(found.body?.items.map(pick)).toEqual(wanted.body?.items.map(pick));
  expect(await checkPictures(here, found.body?.items ?? [])).toBe(5);

  // Unfinished uploads have their state at the time of the backup, and the worker continues with them.
  const { body: sessions } = await here.listSessions({ query: {} });
  const loaded = sessions.items.find(({ vehicle }) => vehicle.stock === 'LOAD');
  const later = { session_id: SessionId.parse(loaded?.id) };
  await expect
    .poll(async () => {
      const images = (await here.listImages({ query: later })).body?.items ?? [];
      const uploads = await rowsOf(target).then((rows) => rows['local_cloud.objects'] ?? []);
      return images.filter(
        ({ status, storage_key }) => status === 'pending' && uploads.some((row) => row.includes(storage_key)),
      );
    })
    .toEqual([]);
  await checkPictures(here, (await here.listImages({ query: later })).body?.items ?? []);
  expect(await spinbay(target, 'doctor')).toMatchObject({ status: 0 });
  await restored.stop();
});

test('the backup of a stopped installation has every row', async () => {
  await installation.stop();
  const cold = join(folder, 'cold.backup');
  expect(await spinbay(source, 'backup', cold)).toMatchObject({ status: 0 });
  const target = await newPlace();
  expect(await spinbay(target, 'restore', cold)).toMatchObject({ status: 0 });
  const [one, two] = [await run(source), await run(target)];
  const [wanted, found] = [await rowsOf(source), await rowsOf(target)];
  expect(Object.keys(found).length).toBeGreaterThan(20);
  // Each start sets these to its own addresses.
  for (const rows of [wanted, found]) for (const set of ['buckets', 'queues']) delete rows[`local_cloud.${set}`];
  expect(found).toEqual(wanted);
  await two.stop();
  await one.stop();
});

test('a damaged, truncated or foreign file restores nothing and gives an error', async () => {
  const whole = await readFile(file);
  const flipped = Buffer.from(whole);
  const middle = whole.length >> 1;
  flipped[middle] = (flipped[middle] ?? 0) ^ 1;
  const cases: [name: string, bytes: Buffer, words: RegExp][] = [
    ['flipped', flipped, /is damaged/],
    ['cut', whole.subarray(0, whole.length - 4096), /is damaged/],
    [
      'photo',
      await readFile(join(folder, 'few', (await readdir(join(folder, 'few')))[0] ?? '')),
      /not a Spinbay backup/,
    ],
    ['empty', Buffer.alloc(0), /not a Spinbay backup/],
  ];
  for (const [name, bytes, words] of cases) {
    const target = await newPlace();
    const broken = join(folder, name);
    await writeFile(broken, bytes);
    const refused = await spinbay(target, 'restore', broken);
    expect(refused).toMatchObject({ status: 1, stderr: expect.stringMatching(words) });
    expect(await readdir(target.dataDir)).toEqual([]);
  }
});

test('a folder that is not empty stays unchanged, and one whose restore was killed does not start', async () => {
  const target = await newPlace();
  await mkdir(target.dataDir);
  await writeFile(join(target.dataDir, 'mine'), 'mine');
  expect(await spinbay(target, 'restore', file)).toMatchObject({
    status: 1,
    stderr: expect.stringMatching(/not empty/),
  });
  expect(await readdir(target.dataDir)).toEqual(['mine']);

  const killed = await newPlace();
  const restoring = beginSpinbay(killed, 'restore', file);
  await expect.poll(() => readdir(killed.dataDir).catch(() => [])).toContain('restoring');
  restoring.kill();
  await restoring.done;
  const refused = launch(killed, ['--no-sample']);
  await expect.poll(() => refused.process.exitCode).toBe(1);
  expect(refused.printed()).toMatch(/The restore of a backup/);
});
