import { appendFile, copyFile, mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { beginSpinbay, type Installation, makePlace, type Place, spinbay, start } from './support/installation.ts';
import { sampleSpin } from './support/sample-spin.ts';

interface Printed {
  readonly session_id: string;
  readonly session_status: string;
  readonly images: { file: string; angle_deg: number; status: string; reason: string | null }[];
}

let place: Place;
let installation: Installation;
let spin: string;
beforeAll(async () => {
  place = await makePlace();
  spin = join(place.dataDir, '..', 'spin');
  installation = await start(place);
  // The same frames as in the other files of this folder, so that a new checkout draws them once.
  await sampleSpin(spin, { size: 'large', blur: [7] });
});
afterAll(async () => {
  await installation?.stop();
  await place?.remove();
});

const drawn = (k: number) => join(spin, `angle_${String(k * 15).padStart(3, '0')}.jpg`);

test('a frame that failed ends ingest with exit 2 and advice, and the session stays open until it is shot again', async () => {
  const folder = join(spin, '..', 'blurred');
  await mkdir(folder);
  for (const [k, frame] of [0, 6, 3].entries()) await copyFile(drawn(frame), join(folder, `IMG_${k + 1}.JPG`));
  const text = await spinbay(place, 'ingest', folder, '--stock', 'BLUR-1');
  expect(text.status).toBe(2);
  expect(text.stdout).toMatch(/IMG_2\.JPG +angle_15 +failed +fail \d+ .*blurry\. Shoot it again\./);
  expect(text.stdout).toMatch(/failed quality control: angle_15\. Shoot them again/);
  expect(text.stdout).toMatch(/, active\.\n[\s\S]*The session stays open until then\./);
  await copyFile(drawn(20), join(folder, 'IMG_2.JPG'));
  const again = await spinbay(place, 'ingest', folder, '--stock', 'BLUR-1', '--json');
  expect([again.status, JSON.parse(again.stdout)]).toEqual([
    0,
    expect.objectContaining({ session_status: 'completed', not_in_folder: [] }),
  ]);
});

test('each photo of a camera program goes into the next slot; the last one can be undone; after a kill it continues', async () => {
  const folder = join(spin, '..', 'camera');
  await mkdir(folder);
  await copyFile(drawn(10), join(folder, 'OF_ANOTHER_CAR.JPG'));
  const command = ['ingest', folder, '--stock', 'WATCH-1', '--watch', '--json'];
  let watch = beginSpinbay(place, ...command);
  await watch.until('0 of 24 slots have a photo');

  const slow = join(folder, 'IMG_1.JPG');
  const bytes = await readFile(drawn(1));
  const third = Math.floor(bytes.length / 3);
  await writeFile(slow, bytes.subarray(0, third));
  await copyFile(drawn(0), join(folder, 'IMG_2.JPG'));
  await watch.until('IMG_2.JPG angle_0 processed');
  await appendFile(slow, bytes.subarray(third, 2 * third));
  expect(watch.printed()).not.toContain('IMG_1.JPG');
  await appendFile(slow, bytes.subarray(2 * third));
  await watch.until('IMG_1.JPG angle_15 processed');

  watch.type('u\n');
  await watch.until('IMG_1.JPG angle_15 was undone');
  await copyFile(drawn(2), join(folder, 'IMG_3.JPG'));
  await watch.until('IMG_3.JPG angle_15 processed');
  watch.kill();
  await watch.done;

  await copyFile(drawn(3), join(folder, 'IMG_4.JPG'));
  watch = beginSpinbay(place, ...command);
  await watch.until('IMG_4.JPG angle_30 processed');
  watch.type('d\n');
  const { status, stdout, stderr } = await watch.done;
  expect([status, status === 0 ? '' : stderr]).toEqual([0, '']);
  const printed = JSON.parse(stdout) as Printed;
  expect(printed.session_status).toBe('completed');
  expect(printed.images.map(({ file, angle_deg, status: is }) => [file, angle_deg, is])).toEqual([
    ['IMG_2.JPG', 0, 'processed'],
    ['IMG_3.JPG', 15, 'processed'],
    ['IMG_4.JPG', 30, 'processed'],
  ]);

  const closed = await spinbay(place, 'ingest', folder, '--watch', '--session', printed.session_id);
  expect([closed.status, closed.stderr]).toEqual([1, expect.stringMatching(/is completed\. Reopen it first/)]);
});
