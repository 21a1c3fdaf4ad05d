import { createHash, randomUUID } from 'node:crypto';
import { copyFile, mkdir, readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createClient } from '@spinbay/client';
import { SessionId, UserId, VehicleId } from '@spinbay/contracts';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Installation, makePlace, type Place, spinbay, start } from '../e2e/support/installation.ts';
import { rowsOf } from '../e2e/support/rows-of.ts';
import { sampleSpin } from '../e2e/support/sample-spin.ts';

const places: Place[] = [];
const running: Installation[] = [];
let source: Place;

async function newPlace(settings: Readonly<Record<string, string>> = {}): Promise<Place> {
  const place = await makePlace();
  // Without time for an undo, erased data is due for deletion at once.
  const hasty = { ...place, env: { ...place.env, ERASE_UNDO_MINUTES: '0', LOG_LEVEL: 'debug', ...settings } };
  places.push(hasty);
  return hasty;
}
async function run(place: Place): Promise<Installation> {
  const started = await start(place);
  running.push(started);
  return started;
}
beforeAll(async () => {
  // This installation has an eraser, a separate process with its own access key.
  source = await newPlace({ WORKER_DELETIONS: 'off' });
});
afterAll(async () => {
  for (const each of running) await each.stop();
  for (const place of places) await place.remove();
});

/** Digests of all objects, renditions included. */
async function objectsOf({ dataDir }: Place): Promise<Set<string>> {
  const folder = join(dataDir, 'objects', 'blobs');
  const files = await readdir(folder, { recursive: true, withFileTypes: true });
  const bytes = files.filter((file) => file.isFile()).map((file) => readFile(join(file.parentPath, file.name)));
  return new Set((await Promise.all(bytes)).map((each) => createHash('sha256').update(each).digest('hex')));
}

/** Everything that the database and the logs hold, as text. */
async function textOf(place: Place): Promise<string> {
  const rows = Object.entries(await rowsOf(place)).flatMap(([table, all]) => all.map((row) => `${table}: ${row}`));
  const logs = await readdir(join(place.dataDir, 'logs'));
  const lines = await Promise.all(
    logs.map(async (name) => `${name}: ${await readFile(join(place.dataDir, 'logs', name), 'utf8')}`),
  );
  return [...rows, ...lines].join('\n');
}

/** The places that contain one of the needles. Empty if everything was erased. */
async function findings(place: Place, needles: readonly string[]): Promise<string[]> {
  const lines = (await textOf(place)).split('\n');
  return lines.filter((line) => needles.some((needle) => line.includes(needle))).map((line) => line.slice(0, 300));
}

test('after a session, a vehicle, a person and an organization are erased, no row, object, log line or later backup has them', async () => {
  const { endpoints } = await run(source);
  const folder = join(source.dataDir, '..');
  await sampleSpin(join(folder, 'spin'));
  const names = (await readdir(join(folder, 'spin'))).sort();
  const shoot = async (stock: string, from: number) => {
    const few = join(folder, stock);
    await mkdir(few);
    for (const name of names.slice(from, from + 2)) await copyFile(join(folder, 'spin', name), join(few, name));
    const { stdout } = await spinbay(source, 'ingest', few, '--stock', stock, '--json');
    return SessionId.parse(JSON.parse(stdout).session_id);
  };
  const token = (await spinbay(source, 'token', '--user', 'admin@demo.test')).stdout.trim();
  const admin = createClient({ baseUrl: endpoints.api, token: () => token });

  const kept = await shoot('KEPT-STOCK', 0);
  const before = await objectsOf(source);
  const [session, ofVehicle] = [await shoot('KEPT-VEHICLE', 2), await shoot('GONE-VEHICLE', 4)];
  const vehicle = (await admin.getSession({ params: { session_id: ofVehicle } })).body.vehicle.id;
  const email = `gone-${randomUUID()}@person.test`;
  const [siteId] = endpoints.demo.site_ids;
  const { body: person } = await admin.createUser({
    body: { email, name: 'Greta Gone', role: 'reviewer', site_ids: [siteId as never] },
  });
  const photos = (await Promise.all([session, ofVehicle].map((id) => admin.listImages({ query: { session_id: id } }))))
    .flatMap(({ body }) => body?.items ?? [])
    .map((image) => image.hash_sha256 ?? '');
  expect(photos).toHaveLength(4);
  const needles = [...photos, 'GONE-VEHICLE', email, 'Greta Gone', 'Olga Other', 'Other Cars'];
  for (const needle of needles) expect(await findings(source, [needle]), needle).not.toEqual([]);
  expect((await objectsOf(source)).size).toBe(before.size + 16);

  // Erases the session through the API, as the portal does, and the rest with the command line. The session's vehicle stays.
  await admin.eraseSession({ params: { session_id: session }, query: {} });
  for (const [kind, id] of [
    ['vehicle', VehicleId.parse(vehicle)],
    ['person', UserId.parse(person.id)],
    ['organization', 'Other Cars'],
  ])
    expect((await spinbay(source, 'erase', kind ?? '', id ?? '', '--yes')).stdout).toMatch(/erased/);

  await expect.poll(() => findings(source, needles), { timeout: 120_000, interval: 1_000 }).toEqual([]);
  await expect.poll(() => objectsOf(source), { timeout: 30_000 }).toEqual(before);

  const file = join(folder, 'later.backup');
  expect(await spinbay(source, 'backup', file)).toMatchObject({ status: 0 });
  const target = await newPlace();
  expect(await spinbay(target, 'restore', file)).toMatchObject({ status: 0 });
  const restored = await run(target);
  expect(await findings(target, needles)).toEqual([]);
  expect(await objectsOf(target)).toEqual(before);
  const there = (await spinbay(target, 'token', '--user', 'admin@demo.test')).stdout.trim();
  const client = createClient({ baseUrl: restored.endpoints.api, token: () => there });
  const { body: sessions } = await client.listSessions({ query: {} });
  expect(sessions.items.map(({ id, vehicle: { stock } }) => [id, stock])).toEqual([[kept, 'KEPT-STOCK']]);

  // This installation has no eraser, so the worker erases.
  expect((await spinbay(target, 'erase', 'session', kept, '--yes')).stdout).toMatch(/erased/);
  await expect.poll(() => objectsOf(target), { timeout: 120_000, interval: 1_000 }).toEqual(new Set());
}, 420_000);
