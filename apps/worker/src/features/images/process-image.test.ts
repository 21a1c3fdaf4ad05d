import { createHash, randomUUID } from 'node:crypto';
import { readdir, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { maxImageBytes } from '@spinbay/contracts';
import { updateOrganization } from '@spinbay/core';
import { createMeasurer } from '@spinbay/imaging';
import { createObjects } from '@spinbay/objects';
import { build } from 'esbuild';
import sharp from 'sharp';
import { afterAll, afterEach, beforeAll, expect, test, vi } from 'vitest';
import { codedTiles } from '../../../../../packages/imaging/src/heic/test-coded-tiles.ts';
import { heif, irot } from '../../../../../packages/imaging/src/heic/test-heif.ts';
import {
  credentials,
  detailedFrame,
  eventually,
  isEmpty,
  never,
  quiet,
  region,
  startTestStack,
  type TestSession,
  type TestStack,
} from '../../testing.ts';
import { handleMessage } from './handle-message.ts';
import { processImage } from './process-image.ts';

let stack: TestStack;
beforeAll(async () => {
  stack = await startTestStack();
});
afterEach(async () => {
  await stack?.rest();
  await stack?.purge();
  vi.restoreAllMocks();
});
afterAll(() => stack?.stop());

const sha = (bytes: Buffer) => createHash('sha256').update(bytes).digest('hex');

/** Runs a worker until the queue is empty. */
async function emptyQueue(): Promise<void> {
  await stack.runOnce();
  expect(await isEmpty(stack.queue)).toBe(true);
  expect((await stack.deadLetters.depth()).visible).toBe(0);
}

async function thumbsOf({ thumb_keys: keys }: Awaited<ReturnType<TestSession['images']>>[number]) {
  return Promise.all(
    Object.entries(keys ?? {}).map(async ([size, key]) => {
      const reply = await fetch(await stack.objects.presignGet(key, { now: new Date(), group: '' }));
      const { format, width, height } = await sharp(await reply.arrayBuffer()).metadata();
      const [type, cache] = ['content-type', 'cache-control'].map((name) => reply.headers.get(name));
      return { size, key, format, width, height, type, cache };
    }),
  );
}

/** Puts an object without a reserved row. Its only tag is the slot. */
async function putUnannounced(key: string, bytes: Buffer, slot: string): Promise<void> {
  const conditions = { contentType: 'image/jpeg', sha256Hex: sha(bytes), tags: { slot } };
  const { url, headers } = await stack.objects.presignPut(key, conditions);
  const reply = await fetch(url, { method: 'PUT', headers, body: new Uint8Array(bytes) });
  expect(reply.status).toBe(200);
}

const keyIn = ({ orgId, siteId, sessionId }: Pick<TestSession, 'orgId' | 'siteId' | 'sessionId'>, id = randomUUID()) =>
  `org/${orgId}/site/${siteId}/session/${sessionId}/${id}.jpg`;

test('processes an uploaded frame into a row with thumbnails, EXIF, digest and measures', async () => {
  const session = await stack.newSession();
  const bytes = await detailedFrame(1, 1600, 1280);
  const { id, storageKey } = await session.upload(bytes, 'angle_015.jpg');
  await emptyQueue();
  const [image, ...others] = await session.images();
  expect(others).toEqual([]);
  expect(image).toMatchObject({
    id,
    status: 'processed',
    angle_deg: 15,
    shot_name: null,
    storage_key: storageKey,
    hash_sha256: sha(bytes),
    size_bytes: bytes.length,
    width: 1600,
    height: 1280,
    exif: {
      iso: 200,
      shutter_s: 1 / 125,
      aperture_f: 8,
      focal_length_mm: 43,
      taken_at: '2026-05-17T09:30:01.000+00:00',
      orientation: 1,
      make: 'Spinbay',
      model: 'Sample Studio',
    },
    qc: { sharpness: { status: 'pass' }, exposure: { status: 'pass' } },
    qc_version: 1,
    phash: expect.stringMatching(/^[0-9a-f]{16}$/),
    failure: null,
  });
  expect(image?.qc?.sharpness.score).toBeGreaterThan(300);
  expect(image?.qc?.sharpness.score_1000).toBeGreaterThan(300);
  expect(image?.qc?.exposure.centre?.luma).toBeGreaterThan(0);
  expect(image?.qc?.exposure.histogram).toHaveLength(64);
  expect(image?.processed_at).toBeInstanceOf(Date);
  expect(image && (await thumbsOf(image))).toEqual(
    [150, 600, 1200].map((size) => ({
      size: `${size}`,
      key: `${storageKey}_thumb_${size}.jpg`,
      format: 'jpeg',
      width: size,
      height: size,
      type: 'image/jpeg',
      cache: 'private, max-age=604800, immutable',
    })),
  );
  expect(await readdir(stack.deps.workFolder)).toEqual([]);
});

test('shows a preview until the original is processed, and does not fail it for its size', async () => {
  const session = await stack.newSession();
  const [small, large] = [await detailedFrame(1, 320, 240), await detailedFrame(1, 1600, 1200)];
  const preview = await session.announce(small, 'angle_015', { kind: 'preview' });
  await preview.put(small);
  await emptyQueue();
  const shown = { id: preview.id, status: 'processed', shown_upload: 'preview', width: 320 };
  expect(await session.images()).toMatchObject([{ ...shown, original_state: null, qc: { size: { status: 'pass' } } }]);
  const original = await session.announce(large, 'angle_015', { imageId: preview.id });
  await original.put(large);
  await emptyQueue();
  const [image, ...others] = await session.images();
  expect(others).toEqual([]);
  expect(image).toMatchObject({
    id: preview.id,
    storage_key: original.storageKey,
    status: 'processed',
    shown_upload: 'original',
    original_state: 'processed',
    hash_sha256: sha(large),
    width: 1600,
  });
  expect(image && (await thumbsOf(image)).map(({ key }) => key)).toContain(`${original.storageKey}_thumb_600.jpg`);
});

test('keeps the GPS position only if the organization allows it, and never in thumbnails', async () => {
  const [keeping, other] = [await stack.newSession(), await stack.newSession()];
  await keeping.tenant.transact((tx) => updateOrganization(tx, { keep_gps: true }, { type: 'system' }));
  const located = async (seed: number) =>
    sharp(await detailedFrame(seed))
      .keepExif()
      .withExif({
        IFD3: {
          GPSLatitudeRef: 'S',
          GPSLatitude: '33/1 51/1 0/1',
          GPSLongitudeRef: 'E',
          GPSLongitude: '151/1 12/1 0/1',
        },
      })
      .jpeg({ quality: 95 })
      .toBuffer();
  for (const session of [keeping, other]) await session.upload(await located(1), 'angle_000');
  await emptyQueue();
  const [kept] = await keeping.images();
  const [dropped] = await other.images();
  expect(kept).toMatchObject({ status: 'processed', exif: { gps: { lat: -33.85, lon: 151.2 } } });
  expect(dropped).toMatchObject({ status: 'processed', exif: { orientation: 1 } });
  expect(dropped?.exif).not.toHaveProperty('gps');
  for (const key of Object.values(kept?.thumb_keys ?? {})) {
    const reply = await fetch(await stack.objects.presignGet(key, { now: new Date(), group: '' }));
    expect((await sharp(await reply.arrayBuffer()).metadata()).exif).toBeUndefined();
  }
  // A change takes effect with the next photo.
  await keeping.tenant.transact((tx) => updateOrganization(tx, { keep_gps: false }, { type: 'system' }));
  await keeping.upload(await located(2), 'angle_015');
  await emptyQueue();
  const places = (await keeping.images()).map(({ angle_deg, exif }) => [angle_deg, exif?.gps !== undefined]);
  expect(new Map(places as [number, boolean][])).toEqual(
    new Map([
      [0, true],
      [15, false],
    ]),
  );
});

test('processes a HEIC like a JPEG', async () => {
  const session = await stack.newSession();
  const grid = { columns: 4, rows: 3, width: 250, height: 190 };
  const bytes = heif({ tile: codedTiles.full, grid, properties: [irot(3)] });
  const { storageKey } = await session.upload(bytes, 'angle_015.heic', 'image/heic');
  await emptyQueue();
  const [image] = await session.images();
  expect(image).toMatchObject({
    status: 'processed',
    angle_deg: 15,
    storage_key: storageKey,
    hash_sha256: sha(bytes),
    // The size as displayed, because the file asks for a rotation.
    width: 190,
    height: 250,
    failure: null,
  });
  expect(storageKey).toMatch(/[.]heic$/);
  expect(image && (await thumbsOf(image)).map(({ key, width }) => [key, width])).toEqual([
    [`${storageKey}_thumb_150.jpg`, 150],
    [`${storageKey}_thumb_600.jpg`, 190],
    [`${storageKey}_thumb_1200.jpg`, 190],
  ]);
});

test('fails a photo that crashes the decoder and processes the next one', async () => {
  const script = join(import.meta.dirname, `../../../../../node_modules/.cache/spinbay-tests/${randomUUID()}.mjs`);
  await build({
    entryPoints: [join(import.meta.dirname, '../../../../../packages/imaging/src/pool/test-child.ts')],
    outfile: script,
    bundle: true,
    platform: 'node',
    format: 'esm',
    external: ['sharp', 'libheif-js/*'],
  });
  const measurer = createMeasurer({
    entry: pathToFileURL(script),
    slots: 1,
    startTimeoutMs: 60_000,
    timeoutMs: 60_000,
    maxRssMb: 600,
  });
  try {
    const session = await stack.newSession();
    await session.upload(Buffer.from('abort'), 'angle_000');
    await session.upload(await detailedFrame(1), 'angle_015');
    stack.work({
      work: (message, signal, log) => handleMessage(message, stack.bucket, { ...stack.deps, measurer }, signal, log),
    });
    await eventually(() => isEmpty(stack.queue));
    expect(await session.images()).toMatchObject([
      { status: 'failed', failure: { code: 'decoder_crashed', message: expect.stringContaining('normal JPEG') } },
      { status: 'processed', failure: null },
    ]);
    expect((await stack.deadLetters.depth()).visible).toBe(0);
  } finally {
    await measurer.close();
    await rm(script, { force: true });
  }
});

test('fails a blurred frame and keeps its measures and thumbnails', async () => {
  const session = await stack.newSession();
  const sharpFrame = await detailedFrame(1, 640, 480);
  const bytes = await sharp(sharpFrame).blur(4).jpeg().toBuffer();
  await session.upload(bytes, 'angle_090.jpg');
  await emptyQueue();
  const [image] = await session.images();
  expect(image).toMatchObject({ status: 'failed', failure: null, width: 640, qc: { sharpness: { status: 'fail' } } });
  // Thumbnails are never larger than the picture.
  expect(image && (await thumbsOf(image)).map(({ width, height }) => [width, height])).toEqual([
    [150, 150],
    [480, 480],
    [480, 480],
  ]);
});

test('fails a file that is not a picture with the reason, and processes the others', async () => {
  const session = await stack.newSession();
  const good = await detailedFrame(1);
  const heic = Buffer.concat([Buffer.from([0, 0, 0, 24]), Buffer.from('ftypheic'), Buffer.alloc(500)]);
  const svg = Buffer.from('<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"/>');
  const broken: [slot: string, bytes: Buffer, code: string, type?: 'image/heic'][] = [
    ['angle_015', good.subarray(0, good.length / 2), 'truncated'],
    ['angle_030', Buffer.from('a text with the name of a picture'), 'not_an_image'],
    ['angle_045', Buffer.alloc(0), 'empty_file'],
    ['angle_060', svg, 'unsupported_format'],
    ['angle_075', heic, 'truncated', 'image/heic'],
    ['angle_090', Buffer.concat([heic, heic]), 'truncated'],
    ['angle_105', Buffer.alloc(maxImageBytes + 1, 7), 'too_large'],
  ];
  await session.upload(good, 'angle_000');
  for (const [slot, bytes, , type] of broken) await session.upload(bytes, slot, type);
  await session.upload(await detailedFrame(2), 'angle_120');
  await emptyQueue();
  const images = await session.images();
  expect(images.map(({ status, angle_deg, failure }) => [angle_deg, status, failure?.code])).toEqual([
    [0, 'processed', undefined],
    ...broken.map(([, , code], k) => [15 * (k + 1), 'failed', code]),
    [120, 'processed', undefined],
  ]);
  for (const { failure, thumb_keys } of images.slice(1, -1)) {
    expect(failure?.message).toMatch(/^The file .+[.]$/);
    expect(thumb_keys).toBeNull();
  }
  const sizes = images.slice(1, -1).map((image) => image.size_bytes);
  expect(sizes).toEqual(broken.map(([, bytes]) => bytes.length));
});

test('fails a frame whose bytes differ from the announced digest', async () => {
  const session = await stack.newSession();
  const { storageKey } = await session.announce(await detailedFrame(1), 'angle_000');
  await stack.objects.put(storageKey, await detailedFrame(2), { contentType: 'image/jpeg' });
  await emptyQueue();
  expect(await session.images()).toMatchObject([
    { status: 'failed', failure: { code: 'hash_mismatch' }, thumb_keys: null, qc: null },
  ]);
});

test('completes an image once if it is processed twice concurrently', async () => {
  const session = await stack.newSession();
  const { storageKey } = await session.upload(await detailedFrame(1), 'angle_000');
  const process = () => processImage(storageKey, stack.deps, never, quiet);
  await Promise.all([process(), process(), process()]);
  expect(await session.images()).toMatchObject([{ status: 'processed' }]);
  // One reservation, one completion.
  expect(await session.version()).toBe(2);
  await process();
  await emptyQueue();
  expect(await session.version()).toBe(2);
});

test('creates the row of an unannounced object, with the slot of its tags and the vehicle of its session', async () => {
  const session = await stack.newSession();
  const slots: [tag: string, angle: number | null, shot: string | null][] = [
    ['angle_15', 15, null],
    ['shot_front_left', null, 'front_left'],
    ['none', null, null],
  ];
  for (const [k, [tag]] of slots.entries()) await putUnannounced(keyIn(session), await detailedFrame(k), tag);
  await emptyQueue();
  const images = await session.images();
  expect(images.map((image) => [image.status, image.angle_deg, image.shot_name])).toEqual(
    expect.arrayContaining(slots.map(([, angle, shot]) => ['processed', angle, shot])),
  );
  expect(images).toHaveLength(3);
  const { rows } = await stack.database.admin.query('select vehicle_id from sessions where id = $1', [
    session.sessionId,
  ]);
  expect(images.map((image) => image.vehicle_id)).toEqual(images.map(() => rows[0].vehicle_id));
});

test('drops an unannounced object if the store keeps no tags, and processes an announced one', async () => {
  const session = await stack.newSession();
  const { cloudUrl: endpoint, bucket } = stack;
  const objects = createObjects({ endpoint, region, credentials, bucket, tags: false });
  const key = keyIn(session);
  await putUnannounced(key, await detailedFrame(1), 'angle_15');
  const { id, storageKey } = await session.upload(await detailedFrame(2), 'angle_000');
  for (const each of [key, storageKey]) await processImage(each, { ...stack.deps, objects }, never, quiet);
  objects.close();
  expect(await session.images()).toMatchObject([{ id, status: 'processed', angle_deg: 0 }]);
});

test('drops and logs an object with an unknown session, another site or an existing id', async () => {
  const session = await stack.newSession();
  const other = await stack.newSession();
  const bytes = await detailedFrame(1);
  const mine = await session.announce(bytes, 'angle_000');
  const errors = vi.spyOn(quiet, 'error');
  const keys = [
    keyIn({ ...session, sessionId: randomUUID() as TestSession['sessionId'] }),
    keyIn({ ...session, siteId: session.otherSiteId }),
    keyIn({ ...session, sessionId: other.sessionId }),
    keyIn({ ...session, orgId: other.orgId }),
    mine.storageKey.replace(/jpg$/, 'heic'),
  ];
  for (const key of keys) {
    await putUnannounced(key, bytes, 'angle_15');
    await processImage(key, stack.deps, never, quiet);
  }
  expect(errors.mock.calls.map(([line]) => (line as { key?: string }).key)).toEqual(keys);
  await emptyQueue();
  expect(await session.images()).toMatchObject([{ id: mine.id, status: 'pending' }]);
  expect(await other.images()).toEqual([]);
});

test('leaves a frame pending if its object was deleted before processing', async () => {
  const session = await stack.newSession();
  const { storageKey } = await session.upload(await detailedFrame(1), 'angle_000');
  await stack.deleteObject(storageKey);
  const unannounced = keyIn(session);
  await putUnannounced(unannounced, await detailedFrame(2), 'angle_15');
  await stack.deleteObject(unannounced);
  await emptyQueue();
  expect(await session.images()).toMatchObject([{ storage_key: storageKey, status: 'pending' }]);
});

test('retries instead of failing the frame if the work folder is not writable', async () => {
  const session = await stack.newSession();
  await session.upload(await detailedFrame(1), 'angle_000');
  const path = join(dirname(stack.deps.workFolder), 'blocked');
  await writeFile(path, 'a file where the folder should be');
  const inBlocked = { ...stack.deps, workFolder: join(path, 'work') };
  const counts: number[] = [];
  stack.work({
    retrySeconds: 1,
    work: (message, signal, log) => {
      counts.push(message.receiveCount);
      return handleMessage(message, stack.bucket, inBlocked, signal, log);
    },
  });
  await eventually(() => counts.length === 1);
  expect(await session.images()).toMatchObject([{ status: 'pending' }]);
  await rm(path);
  await eventually(() => isEmpty(stack.queue));
  expect(await session.images()).toMatchObject([{ status: 'processed' }]);
  expect(counts.length).toBeGreaterThan(1);
});

test('ends with the reason of an aborted signal and leaves no file', async () => {
  const session = await stack.newSession();
  const { storageKey } = await session.upload(await detailedFrame(1), 'angle_000');
  const aborting = new AbortController();
  const reason = new Error('the grace period is over');
  const objects = {
    ...stack.objects,
    put: async (...put: Parameters<typeof stack.objects.put>) => {
      aborting.abort(reason);
      await stack.objects.put(...put);
    },
  };
  const work = processImage(storageKey, { ...stack.deps, objects }, aborting.signal, quiet);
  await expect(work).rejects.toBe(reason);
  expect(await readdir(stack.deps.workFolder)).toEqual([]);
  expect(await session.images()).toMatchObject([{ status: 'pending' }]);
});

test('measures a spin frame with the colour grids of the others', async () => {
  const session = await stack.newSession();
  for (const [seed, slot] of [
    [31, 'angle_000.jpg'],
    [32, 'angle_015.jpg'],
  ] as const) {
    await session.upload(await detailedFrame(seed), slot);
  }
  await emptyQueue();
  const { storageKey } = await session.upload(await detailedFrame(33), 'angle_030.jpg');
  const grids: (readonly Uint8Array[] | undefined)[] = [];
  const measurer: typeof stack.deps.measurer = {
    measure: (request, signal) => {
      grids.push(request.otherGrids);
      return stack.deps.measurer.measure(request, signal);
    },
  };
  await processImage(storageKey, { ...stack.deps, measurer }, never, quiet);
  expect(grids.map((each) => each?.map(({ length }) => length))).toEqual([[768, 768]]);
});
