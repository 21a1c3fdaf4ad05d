// `npm run bench -- car [FOLDER MASKS]`: whether the sharpness check notices that only the car is blurred, because it turned
// too fast, while the background is sharp. FOLDER has the sharp frames of a spin in front of a static background, MASKS a
// JPEG of the same name for each, white where the car is. Without them, the spin is the drawn car in front of a drawn wall.
import { readdirSync } from 'node:fs';
import { basename, join } from 'node:path';
import { blur, motion } from './imaging/blur.mjs';
import { loadImaging } from './imaging/load-imaging.mjs';

const { colourGrid, defaultQcThresholds, FrameDrawer, gradeQuality, measureQualityFast, movingRegion, sharp } =
  await loadImaging();
const thresholds = { ...defaultQcThresholds, profile: 'v3' };
/** The most other frames that the worker reads (`otherGrids`). */
const maxOthers = 6;

/** Strengths are for a long side of 4032 px. */
const versions = [
  ['sharp', (picture) => picture],
  ['blur of sigma 3', (picture, scale) => blur(picture, 3 * scale)],
  ['blur of sigma 5', (picture, scale) => blur(picture, 5 * scale)],
  ['motion of 20 px', (picture, scale) => motion(picture, 20 * scale)],
  ['motion of 41 px', (picture, scale) => motion(picture, 41 * scale)],
];

const [folder, masks] = process.argv.slice(2);
if (folder !== undefined && masks === undefined) {
  console.error('Name a folder of masks, too, as in "npm run bench -- car ~/spin ~/masks".');
  process.exit(1);
}
const frames = folder === undefined ? await drawnSpin() : await readSpin(folder, masks);
const { width, height } = frames[0].picture;
console.log(
  `${folder === undefined ? 'drawn spin' : basename(folder)}, ${frames.length} frames of ${width} x ${height}`,
);
console.log('Frames that v3 rejects:\n');
console.log('only the car has          whole picture   one after another   all others known');
for (const [name, make] of versions) {
  const made = [];
  for (const frame of frames) made.push(await withCar(frame, make));
  const grids = made.map((picture) => colourGrid(picture, 1));
  const rejected = (othersOf) =>
    made.filter((picture, k) => {
      const measures = measureQualityFast(picture, movingRegion(grids[k], spread(othersOf(k)), 1));
      return gradeQuality(measures, picture, thresholds).qc.sharpness.status === 'fail';
    }).length;
  const counts = [() => [], (k) => grids.slice(0, k), (k) => grids.filter((_, other) => other !== k)].map(rejected);
  const [picture, inTurn, all] = counts.map((count) => `${count} of ${made.length}`);
  console.log(`${name.padEnd(26)}${picture.padEnd(16)}${inTurn.padEnd(20)}${all}`);
}

/** Chooses at most `maxOthers` grids, spread evenly, like the query of the worker. */
function spread(grids) {
  const share = (place) => Math.floor((place * maxOthers) / grids.length);
  return grids.length <= maxOthers ? grids : grids.filter((_, k) => share(k) !== share(k + 1));
}

async function withCar({ picture, mask }, make) {
  const changed = await make(picture, Math.max(width, height) / 4032);
  return { ...picture, data: picture.data.map((value, at) => (mask[Math.floor(at / 3)] ? changed.data[at] : value)) };
}

async function readSpin(folder, masks) {
  const frames = [];
  for (const file of readdirSync(folder)
    .filter((name) => /\.jpe?g$/i.test(name))
    .sort()) {
    const { data, info } = await sharp(join(folder, file)).removeAlpha().raw().toBuffer({ resolveWithObject: true });
    const mask = await sharp(join(masks, file)).greyscale().raw().toBuffer();
    if (mask.length * 3 !== data.length) throw new Error(`The mask of ${file} has another size.`);
    const picture = { data: new Uint8Array(data), width: info.width, height: info.height };
    frames.push({ picture, mask: mask.map((value) => (value > 127 ? 1 : 0)) });
  }
  if (frames.length === 0) throw new Error(`There is no JPEG in ${folder}.`);
  return frames;
}

/** The drawn car, cut out and put in front of a wall of tiles. */
async function drawnSpin() {
  const [width, height, count] = [1600, 1200, 24];
  const drawer = new FrameDrawer(width, height, 1);
  const drawn = [];
  for (let k = 0; k < count; k++) drawn.push(new Uint8Array((await drawer.draw((k * 360) / count, false)).data));
  // The studio is brighter than the car.
  const studio = new Uint8Array(width * height * 3);
  for (const data of drawn) for (let at = 0; at < data.length; at++) studio[at] = Math.max(studio[at], data[at]);
  return drawn.map((data) => {
    const mask = outlineOf(data, studio, width, height);
    const pixels = data.map((value, at) => {
      const pixel = Math.floor(at / 3);
      return mask[pixel] ? value : wallAt(pixel % width, Math.floor(pixel / width), at % 3);
    });
    return { picture: { data: pixels, width, height }, mask };
  });
}

/** A mask that covers each row from the first to the last pixel that differs clearly from the studio. */
function outlineOf(data, studio, width, height) {
  const mask = new Uint8Array(width * height);
  for (let y = 0; y < height; y++) {
    const differs = Array.from(
      { length: width },
      (_, x) => studio[(y * width + x) * 3] - data[(y * width + x) * 3] > 40,
    );
    const [first, last] = [differs.indexOf(true), differs.lastIndexOf(true)];
    if (first >= 0) mask.fill(1, y * width + first, y * width + last + 1);
  }
  return mask;
}

/** Tiles of many colours with dark joints, whose edge is soft over one pixel. */
function wallAt(x, y, channel) {
  const [column, row] = [Math.floor(x / 40), Math.floor(y / 24)];
  const joint = Math.min(x % 40, y % 24);
  if (joint < 3) return joint === 2 ? 70 : 40;
  return 90 + ((column * 37 + row * 59 + channel * 17) % 130);
}
