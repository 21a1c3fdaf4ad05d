import { execFile } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import { mkdir, readdir, readFile, statfs } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { createClient } from '@spinbay/client';
import { OrgId, SiteId } from '@spinbay/contracts';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Installation, makePlace, type Place, spinbay, start } from '../e2e/support/installation.ts';
import { sampleSpin } from '../e2e/support/sample-spin.ts';

const run = promisify(execFile);
/** The sizes of the data folder, a separate disk in memory. Mounting it requires root. */
const [smallDisk, largerDisk] = ['400m', '900m'];
/** Bytes after each picture, which JPEG decoders ignore. */
const padding = 6 * 1024 * 1024;
/** More than fit on the small disk. */
const maxPhotos = 100;

let place: Place;
let installation: Installation;
beforeAll(async () => {
  place = await makePlace();
  await mkdir(place.dataDir);
  await run('mount', ['-t', 'tmpfs', '-o', `size=${smallDisk},mode=755`, 'tmpfs', place.dataDir]);
});
afterAll(async () => {
  await installation?.stop();
  await run('umount', [place.dataDir]);
  await place.remove();
});

/** A device with a session, whose photos are stills. */
async function startShooting() {
  const { api, demo } = installation.endpoints;
  const enrolling = { org_id: OrgId.parse(demo.org_id), platform: 'ios', model: 'iPhone 17', app_version: '1.0.0' };
  const { body: device } = await createClient({ baseUrl: api, token: () => undefined }).authDevice({ body: enrolling });
  const client = createClient({ baseUrl: api, token: () => device.token });
  const { body: session } = await client.createSession({
    body: { site_id: SiteId.parse(demo.site_ids[0]), vehicle: { stock: 'FULL-1' }, mode: 'stills' },
  });
  /** @returns the status of the upload, and the digest of the photo */
  const send = async (picture: Buffer) => {
    const bytes = Buffer.concat([picture, randomBytes(padding)]);
    const digest = createHash('sha256').update(bytes).digest('hex');
    const { body } = await client.presignImage({
      body: {
        session_id: session.id,
        file_name: 'photo.jpg',
        content_type: 'image/jpeg',
        content_sha256: digest,
        content_length: bytes.length,
      },
    });
    const { status } = await fetch(body.upload_url, { method: 'PUT', headers: body.headers, body: bytes });
    return { status, digest };
  };
  const frames = async () =>
    (await client.listImages({ query: { session_id: session.id, superseded: 'true', limit: 200 } })).body?.items ?? [];
  return { session, send, frames };
}

async function storedDigests(): Promise<Set<string>> {
  const files = await readdir(join(place.dataDir, 'objects', 'blobs'), { recursive: true, withFileTypes: true });
  const stored = files.filter((file) => file.isFile()).map((file) => readFile(join(file.parentPath, file.name)));
  return new Set((await Promise.all(stored)).map((bytes) => createHash('sha256').update(bytes).digest('hex')));
}

test('if uploads fill the disk, no acknowledged photo is lost and PostgreSQL keeps running; after space is freed everything is processed', async () => {
  installation = await start(place);
  const folder = join(place.dataDir, '..', 'photos');
  await sampleSpin(folder);
  const pictures = await Promise.all((await readdir(folder)).map((name) => readFile(join(folder, name))));
  const { send, frames, session } = await startShooting();

  const acknowledged: string[] = [];
  const refused: number[] = [];
  const uploader = async () => {
    while (refused.length < 8 && acknowledged.length < maxPhotos) {
      const { status, digest } = await send(pictures[acknowledged.length % pictures.length] as Buffer);
      if (status === 200) acknowledged.push(digest);
      else refused.push(status);
    }
  };
  await Promise.all([uploader(), uploader(), uploader(), uploader()]);
  expect(new Set(refused)).toEqual(new Set([507]));
  expect(acknowledged.length).toBeGreaterThan(5);
  const { bavail, bsize } = await statfs(place.dataDir);
  expect(bavail * bsize).toBeGreaterThan(0);

  const { api } = installation.endpoints;
  expect((await fetch(`${api}/readyz`)).status).toBe(200);
  const token = (await spinbay(place, 'token', '--user', 'admin@demo.test')).stdout.trim();
  const admin = createClient({ baseUrl: api, token: () => token });
  expect((await admin.createSite({ body: { name: 'Made on a full disk' } })).status).toBe(201);
  expect(await spinbay(place, 'doctor')).toMatchObject({
    status: 1,
    stdout: expect.stringMatching(/^FAIL {2}disk: .*Photos are refused/m),
  });
  const stored = await storedDigests();
  expect(acknowledged.filter((digest) => !stored.has(digest))).toEqual([]);

  await run('mount', ['-o', `remount,size=${largerDisk}`, place.dataDir]);
  // Renditions for which there was no space may have failed three times.
  const lost = async () => {
    await spinbay(place, 'dlq', 'redrive');
    const shown = new Set(
      (await frames()).filter(({ status }) => status === 'processed').map((frame) => frame.hash_sha256),
    );
    return acknowledged.filter((digest) => !shown.has(digest));
  };
  await expect.poll(lost, { timeout: 200_000, interval: 3_000 }).toEqual([]);
  expect(session.status).toBe('active');
  expect(installation.output()).not.toMatch(/stopped \(/);
}, 420_000);
