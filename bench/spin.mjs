// `npm run bench -- spin [FOLDER ...]`: the findings of the comparison for good spins, and for the same spins with one
// fault. Each folder has the sharp frames of one whole turn, in the order of their names; without a folder it is the
// drawn spin.
import { readdirSync } from 'node:fs';
import { basename, join } from 'node:path';
import { blur, motion } from './imaging/blur.mjs';
import { loadImaging } from './imaging/load-imaging.mjs';

const { colourGrid, compareSpin, defaultQcThresholds, gradeQuality, measureQualityFast, sharp, FrameDrawer } =
  await loadImaging();
const kinds = ['exposure', 'white_balance', 'soft', 'repeated', 'skipped', 'swapped', 'near_duplicates'];

const folders = process.argv.slice(2);
for (const folder of folders.length > 0 ? folders : [null]) {
  const frames = [];
  for await (const picture of open(folder)) frames.push(await withFaults(picture));
  report(folder === null ? 'drawn spin' : basename(folder), frames);
}

async function* open(folder) {
  if (folder === null) {
    const drawer = new FrameDrawer(640, 480, 1);
    for (let k = 0; k < 24; k++) yield { data: (await drawer.draw(k * 15, false)).data, width: 640, height: 480 };
    return;
  }
  for (const file of readdirSync(folder)
    .filter((name) => /\.jpe?g$/i.test(name))
    .sort()) {
    const { data, info } = await sharp(join(folder, file))
      .rotate()
      .removeAlpha()
      .raw()
      .toBuffer({ resolveWithObject: true });
    yield { data: new Uint8Array(data), width: info.width, height: info.height };
  }
}

function measured(picture) {
  const { qc } = gradeQuality(measureQualityFast(picture), picture, defaultQcThresholds);
  return { qc, phash: null, colour_grid: colourGrid(picture, 1) };
}

/** Strengths of blur are for a long side of 4032 px and shrink with the picture. */
async function withFaults(picture) {
  const scale = Math.max(picture.width, picture.height) / 4032;
  const exposed = (factors) => ({
    ...picture,
    data: picture.data.map((value, at) => Math.min(255, 255 * ((value / 255) ** 2.2 * factors[at % 3]) ** (1 / 2.2))),
  });
  const stops = (by) => exposed([2 ** by, 2 ** by, 2 ** by]);
  return {
    good: measured(picture),
    brighter: measured(stops(0.5)),
    darker: measured(stops(-0.5)),
    'much brighter': measured(stops(1)),
    'much darker': measured(stops(-1)),
    redder: measured(exposed([1.19, 1, 1])),
    bluer: measured(exposed([1, 1, 1.19])),
    soft: measured(await blur(picture, 3 * scale)),
    moved: measured(await motion(picture, 20 * scale)),
  };
}

/** @param frames one for each slot; undefined leaves it empty */
function compare(frames) {
  const placed = frames.map((frame, k) => ({ ...frame, id: String(k), angle_deg: (k * 360) / frames.length }));
  return compareSpin(
    { studio360: { frame_count: frames.length } },
    placed.filter((_, k) => frames[k] !== undefined),
  );
}

/** Good spins that are not complete: every arc of at least five frames, and every second or third frame. */
function partsOf(good) {
  const count = good.length;
  const arcs = Array.from({ length: count - 5 }, (_, k) => k + 5).flatMap((length) =>
    good.map((_, from) => good.map((frame, k) => ((k - from + count) % count < length ? frame : undefined))),
  );
  const thinned = [2, 3].flatMap((every) =>
    Array.from({ length: every }, (_, from) => good.map((frame, k) => (k % every === from ? frame : undefined))),
  );
  return [...arcs, ...thinned];
}

function report(name, frames) {
  const good = frames.map((frame) => frame.good);
  const count = good.length;
  const found = compare(good);
  console.log(`\n${name}, ${count} frames`);
  const falseFindings = kinds.flatMap((kind) =>
    found[kind].map((each) => `${kind} ${each.first?.image_id ?? each.image_id}`),
  );
  console.log(`  as it is: ${falseFindings.length === 0 ? 'no findings' : falseFindings.join(', ')}`);
  const parts = partsOf(good);
  const wrongParts = parts.filter((part) => kinds.some((kind) => compare(part)[kind].length > 0)).length;
  console.log(`  parts of it: findings in ${wrongParts} of ${parts.length}`);
  const one = (fault) => (k) => good.map((frame, at) => (at === k ? frames[k][fault] : frame));
  const faults = [
    ['half a stop brighter', 'exposure', one('brighter')],
    ['half a stop darker', 'exposure', one('darker')],
    ['a stop brighter', 'exposure', one('much brighter')],
    ['a stop darker', 'exposure', one('much darker')],
    ['red 8 % stronger', 'white_balance', one('redder')],
    ['blue 8 % stronger', 'white_balance', one('bluer')],
    ['blur of sigma 3', 'soft', one('soft')],
    ['motion of 20 px', 'soft', one('moved')],
    ['a swapped pair', 'swapped', (k) => good.map((_, at) => good[swap(at, k, count)])],
    [
      'a repeated frame',
      'repeated',
      (k) => good.map((frame, at) => (at === k ? good[(k + count - 1) % count] : frame)),
    ],
    ['a skipped angle', 'skipped', (k) => good.filter((_, at) => at !== k)],
  ];
  for (const [fault, kind, make] of faults) {
    let right = 0;
    let wrong = 0;
    for (let k = 0; k < count; k++) {
      const found = compare(make(k));
      const slots = found[kind].map((each) => Number(each.first?.image_id ?? each.image_id));
      const wanted = { swapped: k, repeated: (k + count - 1) % count, skipped: k === 0 ? count - 2 : k - 1 }[kind] ?? k;
      if (slots.includes(wanted)) right++;
      wrong += slots.filter((slot) => slot !== wanted).length;
      // A repeated frame also skips the angle of the frame that it replaces.
      const also = kind === 'repeated' ? ['skipped'] : [];
      for (const other of kinds) if (other !== kind && !also.includes(other)) wrong += found[other].length;
    }
    console.log(`  ${fault.padEnd(24)} found ${right} of ${count}, findings about other frames: ${wrong}`);
  }
}

function swap(at, k, count) {
  if (at === k) return (k + 1) % count;
  return at === (k + 1) % count ? k : at;
}
