import { copyFile, mkdir, rename, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createClient } from '@spinbay/client';
import { type Image, SessionId } from '@spinbay/contracts';
import { startTestCollector, type TestCollector } from '@spinbay/runtime/testing';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Installation, makePlace, type Place, spinbay, start } from '../e2e/support/installation.ts';
import { sampleSpin } from '../e2e/support/sample-spin.ts';

interface Printed {
  readonly session_id: string;
  readonly session_status: string;
  readonly images: { id: string; file: string; angle_deg: number; status: string; reason: string | null }[];
  readonly findings: { text: string }[];
  readonly left_out: { file: string; why: string }[];
  readonly not_in_folder: unknown[];
}

let collector: TestCollector;
let place: Place;
let installation: Installation;
let spin: string;
beforeAll(async () => {
  collector = await startTestCollector();
  const made = await makePlace();
  place = { ...made, env: { ...made.env, OTEL_EXPORTER_OTLP_ENDPOINT: collector.url } };
  spin = join(place.dataDir, '..', 'spin');
  installation = await start(place);
  await sampleSpin(spin);
});
afterAll(async () => {
  await installation?.stop();
  await place?.remove();
  await collector?.close();
});

const drawn = (k: number) => join(spin, `angle_${String(k * 15).padStart(3, '0')}.jpg`);

/** A folder with this many sharp photos, named like those of a camera: IMG_1.JPG, ... */
async function folderOf(name: string, count: number): Promise<string> {
  const folder = join(spin, '..', name);
  await mkdir(folder);
  for (let k = 0; k < count; k++) await copyFile(drawn(k), join(folder, `IMG_${k + 1}.JPG`));
  return folder;
}

async function ingest(folder: string, stock: string, ...flags: string[]) {
  const run = await spinbay(place, 'ingest', folder, '--stock', stock, '--json', ...flags);
  return { ...run, printed: run.stdout === '' ? null : (JSON.parse(run.stdout) as Printed) };
}

async function onServer(session: string | undefined): Promise<Image[]> {
  const token = (await spinbay(place, 'token', '--user', 'admin@demo.test')).stdout.trim();
  const client = createClient({ baseUrl: installation.endpoints.api, token: () => token });
  const query = { session_id: SessionId.parse(session), superseded: 'true' };
  return [...((await client.listImages({ query })).body?.items ?? [])];
}

const angleOf = (printed: Printed | null, file: string) => printed?.images.find((i) => i.file === file)?.angle_deg;

test('a photo that arrives late gives a message with a choice; the list shows what the server has, and no frame is lost', async () => {
  const folder = await folderOf('late', 23);
  const late = join(folder, '..', 'the-late-one.jpg');
  await rename(join(folder, 'IMG_11.JPG'), late);
  const first = await ingest(folder, 'LATE-1');
  expect([first.status, first.printed?.session_status]).toEqual([0, 'completed']);
  expect(first.printed?.findings[0]?.text).toBe('No picture at 330°, 345°.');
  await rename(late, join(folder, 'IMG_11.JPG'));

  const second = await ingest(folder, 'LATE-1');
  expect([second.status, second.stdout]).toEqual([1, '']);
  expect(second.stderr).toMatch(/IMG_11\.JPG is new; its slot angle_150 belongs to IMG_12\.JPG/);
  expect(second.stderr).toMatch(/IMG_12\.JPG was sent as angle_150; its slot is now angle_165/);
  expect(second.stderr).toMatch(/--keep .*IMG_11\.JPG becomes angle_330[\s\S]*--reassign/);
  expect(await onServer(first.printed?.session_id)).toHaveLength(22);

  const kept = await ingest(folder, 'LATE-1', '--keep');
  expect([kept.status, kept.printed?.session_id]).toEqual([0, first.printed?.session_id]);
  expect([angleOf(kept.printed, 'IMG_11.JPG'), angleOf(kept.printed, 'IMG_12.JPG')]).toEqual([330, 150]);
  const images = await onServer(first.printed?.session_id);
  expect(images.filter((image) => image.superseded)).toEqual([]);
  const listed = Object.fromEntries(kept.printed?.images.map(({ id, angle_deg }) => [id, angle_deg]) ?? []);
  expect(listed).toEqual(Object.fromEntries(images.map(({ id, angle_deg }) => [id, angle_deg])));

  const again = await ingest(folder, 'LATE-1', '--reassign');
  expect(again.status).toBe(0);
  expect(again.printed?.session_id).not.toBe(first.printed?.session_id);
  expect([angleOf(again.printed, 'IMG_11.JPG'), angleOf(again.printed, 'IMG_12.JPG')]).toEqual([150, 165]);
  expect((await onServer(again.printed?.session_id)).map((image) => image.angle_deg)).toEqual(
    Array.from({ length: 23 }, (_, k) => k * 15),
  );
  expect((await ingest(folder, 'LATE-1')).printed?.session_id).toBe(again.printed?.session_id);
});

/** The control characters that a terminal would interpret. */
const rawControls = (text: string) => text.match(/(?!\n)\p{Cc}/gu) ?? [];

test('skipped files are named, a skipped picture ends with exit 1, and no name reaches the terminal raw', async () => {
  const folder = await folderOf('odd', 2);
  await rename(join(folder, 'IMG_2.JPG'), join(folder, 'IMG_2\u001b[31m\n.hif'));
  await writeFile(join(folder, 'notes\u009b2J.txt'), 'a note');
  const note = await spinbay(place, 'ingest', folder, '--stock', 'ODD-1');
  expect([note.status, rawControls(note.stderr)]).toEqual([0, []]);
  expect(note.stdout).toContain('IMG_2\\x1b[31m\\n.hif');
  expect(note.stdout).toContain('notes\\x9b2J.txt is not a photo.');
  expect(rawControls(note.stdout)).toEqual([]);
  await writeFile(join(folder, 'b.png'), Buffer.from('89504e470d0a1a0a', 'hex'));
  const picture = await ingest(folder, 'ODD-1');
  expect(picture.status).toBe(1);
  expect(rawControls(picture.stdout)).toEqual([]);
  expect(picture.printed?.left_out.map(({ file }) => file)).toEqual(['b.png', 'notes\u009b2J.txt']);
});

test('the time of a photo comes from the camera, never from the file', async () => {
  const folder = await folderOf('old', 1);
  const old = new Date('2019-05-04T09:30:00Z');
  await utimes(join(folder, 'IMG_1.JPG'), old, old);
  const { printed } = await ingest(folder, 'OLD-1');
  const [image] = await onServer(printed?.session_id);
  expect(new Date(image?.captured_at ?? 0).getUTCFullYear()).toBe(new Date().getUTCFullYear());
  expect(image?.captured_at?.slice(0, 19)).toBe(image?.exif?.taken_at?.slice(0, 19));
});

test('a photo is one trace, from the presign until a person’s gallery has it', async () => {
  const { printed } = await ingest(await folderOf('traced', 1), 'TRACED-1');
  const [image] = await onServer(printed?.session_id);
  const spans = () => collector.spans.filter(({ traceId }) => traceId === image?.id.replaceAll('-', ''));
  const named = (service: string) =>
    spans()
      .filter((span) => span.service === service)
      .map(({ name }) => name);
  await expect.poll(() => new Set(named('spinbay-api'))).toEqual(new Set(['presign', 'show']));
  await expect
    .poll(() => named('spinbay-worker').sort())
    .toEqual([
      'commit',
      'download',
      'measure',
      'photo',
      'process upload',
      'record upload',
      'store thumbnails',
      'wait in queue',
    ]);
  expect(
    spans()
      .filter(({ parentId }) => parentId === undefined)
      .map(({ name }) => name),
  ).toEqual(['photo']);
  expect(collector.bodies.join('')).not.toMatch(/IMG_1|TRACED-1|\.jpg|X-Amz/);
});
