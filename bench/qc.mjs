// `npm run bench -- qc FOLDER`: how often the quality check errs on real photos. Every JPEG of the folder should be sharp; the
// bench makes blurred and noisy versions of each and has both profiles judge them all.
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { loadImaging } from './imaging/load-imaging.mjs';

const folder = process.argv[2];
if (folder === undefined) {
  console.log('Left out: say which folder of sharp photos to judge, as in "npm run bench -- qc ~/photos".');
  process.exit(0);
}
const files = readdirSync(folder, { recursive: true })
  .filter((file) => /\.jpe?g$/i.test(file))
  .sort();
if (files.length === 0) {
  console.error(`There is no JPEG in ${folder}.`);
  process.exit(1);
}

const { measureQualityFast, gradeQuality, sharp } = await loadImaging();
const profiles = {
  v1: { profile: 'v1', sharpnessFail: 100, sharpnessWarn: 300, clipFraction: 0.05, sizeFail: 100, sizeWarn: 640 },
  v2: { profile: 'v2', sharpnessFail: 150, sharpnessWarn: 300, clipFraction: 0.05, sizeFail: 100, sizeWarn: 640 },
};

/** Strengths are for a long side of 4032 px and shrink with the picture, so that each is the same blur to the eye. */
const versions = [
  { name: 'as it is', blurred: false, make: (picture) => picture },
  { name: 'noise 8', blurred: false, make: (picture) => noisy(picture, 8) },
  { name: 'blur 3', blurred: true, make: (picture, scale) => blur(picture, 3 * scale) },
  { name: 'blur 5', blurred: true, make: (picture, scale) => blur(picture, 5 * scale) },
  { name: 'motion 41', blurred: true, make: (picture, scale) => motion(picture, 41 * scale) },
  { name: 'blur 5 + noise 8', blurred: true, make: async (picture, scale) => noisy(await blur(picture, 5 * scale), 8) },
];

const results = versions.map(({ name, blurred }) => ({
  name,
  blurred,
  judged: Object.keys(profiles).map((profile) => ({ profile, fail: 0, warn: 0, pass: 0, clipped: 0, scores: [] })),
}));
const smallestSide = 1500;
let photos = 0;
for (const file of files) {
  const { data, info } = await sharp(join(folder, file), { ignoreIcc: true, limitInputPixels: 60e6 })
    .toColourspace('srgb')
    .raw()
    .toBuffer({ resolveWithObject: true });
  // Blur that small would be less than a pixel in a small photo, and no fault.
  if (info.channels !== 3 || Math.max(info.width, info.height) < smallestSide) continue;
  photos++;
  const picture = { data, width: info.width, height: info.height };
  const scale = Math.max(info.width, info.height) / 4032;
  for (const [index, version] of versions.entries()) {
    const measures = measureQualityFast(await version.make(picture, scale));
    for (const judged of results[index].judged) {
      const { qc } = gradeQuality(measures, { width: info.width, height: info.height }, profiles[judged.profile]);
      judged[qc.sharpness.status]++;
      if (qc.exposure.status === 'fail') judged.clipped++;
      judged.scores.push(judged.profile === 'v1' ? qc.sharpness.score : qc.sharpness.score_1000);
    }
  }
}

console.log(
  `${photos} photos of ${folder}, ${files.length - photos} left out (grey, or smaller than ${smallestSide} px)\n`,
);
if (photos === 0) process.exit(1);
console.log('version            profile   fail   warn   pass   score: lowest   median  highest');
for (const { name, judged } of results) {
  for (const { profile, fail, warn, pass, scores } of judged) {
    const sorted = scores.sort((a, b) => a - b);
    const [lowest, middle, highest] = [sorted[0], sorted[sorted.length >> 1], sorted.at(-1)];
    const cells = [fail, warn, pass].map((count) => `${count}`.padStart(7)).join('');
    const range = [lowest, middle, highest].map((score) => score.toFixed(0).padStart(9)).join('');
    console.log(`${name.padEnd(19)}${profile.padEnd(7)}${cells}       ${range}`);
  }
}
console.log();
for (const [index, profile] of Object.keys(profiles).entries()) {
  const sum = (blurred, of) =>
    results.filter((each) => each.blurred === blurred).reduce((total, { judged }) => total + of(judged[index]), 0);
  const all = ({ scores }) => scores.length;
  const share = (blurred, of) => `${((100 * sum(blurred, of)) / sum(blurred, all)).toFixed(1)} %`;
  console.log(
    `${profile}: sharp ones rejected ${share(false, (each) => each.fail)}, blurred ones not rejected ${share(true, (each) => all(each) - each.fail)} (passed without a warning ${share(true, (each) => each.pass)}); exposure of the originals rejected ${results[0].judged[index].clipped} of ${photos}`,
  );
}

function raw({ width, height }) {
  return { raw: { width, height, channels: 3 } };
}

async function blur(picture, sigma) {
  // Below this sharp takes a kernel of its own that hardly blurs.
  if (sigma < 0.3) return picture;
  return { ...picture, data: await sharp(picture.data, raw(picture)).blur(sigma).raw().toBuffer() };
}

async function motion(picture, length) {
  const width = Math.max(3, Math.round(length) | 1);
  const kernel = Array.from({ length: width * 3 }, (_, at) => (at >= width && at < 2 * width ? 1 : 0));
  const data = await sharp(picture.data, raw(picture)).convolve({ width, height: 3, kernel }).raw().toBuffer();
  return { ...picture, data };
}

/** Sensor noise of that standard deviation; the same every time. */
function noisy(picture, deviation) {
  let state = 1;
  const random = () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
  // Four uniform numbers together have a variance of 4/12.
  const factor = deviation * Math.sqrt(3);
  const data = picture.data.map((value) => {
    const changed = value + factor * (random() + random() + random() + random() - 2);
    return changed < 0 ? 0 : changed > 255 ? 255 : Math.round(changed);
  });
  return { ...picture, data };
}
