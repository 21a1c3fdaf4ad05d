// `npm run bench -- qc FOLDER [SHEET]`: how often the quality check errs on real photos. Every JPEG and HEIC of the folder
// should be sharp; the bench makes blurred and noisy versions of each and has all profiles judge them. The errors of v3 are
// drawn on a sheet.
import { readdirSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { blur, motion, noisy } from './imaging/blur.mjs';
import { loadImaging } from './imaging/load-imaging.mjs';

const folder = process.argv[2];
const sheet = process.argv[3] ?? join(tmpdir(), 'spinbay-qc-errors.jpg');
if (folder === undefined) {
  console.log('Skipped: name a folder of sharp photos to judge, as in "npm run bench -- qc ~/photos".');
  process.exit(0);
}
const files = readdirSync(folder, { recursive: true })
  .filter((file) => /\.(jpe?g|hei[cf])$/i.test(file))
  .sort();
if (files.length === 0) {
  console.error(`There is no JPEG or HEIC in ${folder}.`);
  process.exit(1);
}

const { measureQualityFast, gradeQuality, defaultQcThresholds, decodeHeic, sharp } = await loadImaging();
const profiles = ['v1', 'v2', 'v3'];

/** Strengths are for a long side of 4032 px and scale with the picture, so that each looks the same. */
const noise = 8;
const blurs = [
  ['blur 3', (picture, scale) => blur(picture, 3 * scale)],
  ['blur 5', (picture, scale) => blur(picture, 5 * scale)],
  ['motion 20', (picture, scale) => motion(picture, 20 * scale)],
  ['motion 20 up', (picture, scale) => motion(picture, 20 * scale, true)],
  ['motion 41', (picture, scale) => motion(picture, 41 * scale)],
];
const asItIs = (picture) => picture;
const versions = [['sharp', asItIs], ...blurs].flatMap(([name, make], index) => [
  { name, blurred: index > 0, noise: false, make },
  {
    name: `${name} + noise`,
    blurred: index > 0,
    noise: true,
    make: async (picture, scale) => noisy(await make(picture, scale), noise * Math.min(1, scale)),
  },
]);

/** By version and profile, one entry per photo: the verdicts on sharpness and exposure, and the figure of sharpness. */
const judged = versions.map(() => Object.fromEntries(profiles.map((profile) => [profile, []])));
const errors = [];
const leftOut = [];
let photos = 0;
for (const file of files) {
  const picture = await open(join(folder, file)).catch((error) => String(error.message ?? error));
  if (typeof picture === 'string') {
    leftOut.push(`${file}: ${picture}`);
    continue;
  }
  photos++;
  const { width, height } = picture;
  const scale = Math.max(width, height) / 4032;
  for (const [index, version] of versions.entries()) {
    const made = await version.make(picture, scale);
    const measures = measureQualityFast(made);
    for (const profile of profiles) {
      const { qc } = gradeQuality(measures, { width, height }, { ...defaultQcThresholds, profile });
      const { status } = qc.sharpness;
      const score = { v1: qc.sharpness.score, v2: qc.sharpness.score_1000, v3: qc.sharpness.edges.width };
      judged[index][profile].push({ status, exposure: qc.exposure.status, score: score[profile] ?? 99 });
      if (profile === 'v3' && (status === 'fail') !== version.blurred) {
        errors.push({ label: `${version.name} ${(score.v3 ?? 99).toFixed(2)} px ${file}`, picture: await tile(made) });
      }
    }
  }
}

console.log(`${photos} photos of ${folder}`);
for (const line of leftOut) console.log(`left out: ${line}`);
if (photos === 0) process.exit(1);
console.log('\nversion                profile   fail   warn   pass   figure: lowest   median  highest');
for (const [index, { name }] of versions.entries()) {
  for (const profile of profiles) {
    const all = judged[index][profile];
    const counts = ['fail', 'warn', 'pass'].map((status) => all.filter((each) => each.status === status).length);
    const sorted = all.map(({ score }) => score).sort((a, b) => a - b);
    const range = [sorted[0], sorted[sorted.length >> 1], sorted.at(-1)];
    const digits = profile === 'v3' ? 2 : 0;
    console.log(
      `${name.padEnd(23)}${profile.padEnd(7)}${counts.map((count) => `${count}`.padStart(7)).join('')}        ${range.map((value) => value.toFixed(digits).padStart(9)).join('')}`,
    );
  }
}

console.log(
  '\nShares with 95 % confidence intervals (Wilson). Versions of one photo are alike, so those of missed blur are too narrow.',
);
for (const profile of profiles) {
  for (const withNoise of [false, true]) {
    const of = (blurred) =>
      versions.flatMap((version, index) =>
        version.blurred === blurred && version.noise === withNoise ? judged[index][profile] : [],
      );
    const rejected = of(false).filter(({ status }) => status === 'fail').length;
    const missed = of(true).filter(({ status }) => status !== 'fail').length;
    console.log(
      `${profile} ${withNoise ? 'with noise   ' : 'without noise'}: false reject ${share(rejected, of(false).length)}, missed blur ${share(missed, of(true).length)}`,
    );
  }
  const rejectedExposures = judged[0][profile].filter(({ exposure }) => exposure === 'fail').length;
  console.log(`${profile} exposure of the photos as they are rejected: ${share(rejectedExposures, photos)}`);
}
await drawErrors();

/** @returns pixels. @throws Error that says what is wrong */
async function open(path) {
  if (/\.hei[cf]$/i.test(path)) return (await decodeHeic(readFileSync(path))).picture;
  const { data, info } = await sharp(path, { ignoreIcc: true, limitInputPixels: 110e6 })
    .toColourspace('srgb')
    .raw()
    .toBuffer({ resolveWithObject: true });
  if (info.channels !== 3) throw new Error(`${info.channels} colour channels`);
  return { data, width: info.width, height: info.height };
}

function share(count, of) {
  const [low, high] = wilson(count, of).map((value) => (100 * value).toFixed(1));
  return `${count} of ${of} = ${((100 * count) / of).toFixed(1)} % (${low} to ${high} %)`;
}

function wilson(count, of) {
  const z = 1.96;
  const p = count / of;
  const middle = p + (z * z) / (2 * of);
  const half = z * Math.sqrt((p * (1 - p)) / of + (z * z) / (4 * of * of));
  return [middle - half, middle + half].map((value) => Math.min(1, Math.max(0, value / (1 + (z * z) / of))));
}

/** The middle of the picture, at a size at which blur is visible. */
async function tile({ data, width, height }) {
  const long = Math.min(1600, Math.max(width, height));
  const { data: small, info } = await sharp(data, { raw: { width, height, channels: 3 } })
    .resize(long, long, { fit: 'inside' })
    .raw()
    .toBuffer({ resolveWithObject: true });
  const [w, h] = [Math.min(400, info.width), Math.min(300, info.height)];
  return sharp(small, { raw: info })
    .extract({ left: (info.width - w) >> 1, top: (info.height - h) >> 1, width: w, height: h })
    .raw()
    .toBuffer({ resolveWithObject: true });
}

async function drawErrors() {
  const shown = errors.slice(0, 60);
  if (shown.length === 0) {
    console.log('\nv3 made no error.');
    return;
  }
  const [cellWidth, cellHeight, columns] = [410, 330, 4];
  // Labels would need an SVG loader, which the worker's sharp blocks. Instead the printed list has the order of the sheet.
  await sharp({
    create: {
      width: columns * cellWidth,
      height: Math.ceil(shown.length / columns) * cellHeight,
      channels: 3,
      background: 'white',
    },
  })
    .composite(
      shown.map(({ picture }, k) => ({
        input: picture.data,
        raw: picture.info,
        left: (k % columns) * cellWidth,
        top: Math.floor(k / columns) * cellHeight,
      })),
    )
    .jpeg({ quality: 85 })
    .toFile(sheet);
  console.log(`\n${errors.length} errors of v3, the first ${shown.length} drawn in ${sheet}, row by row:`);
  for (const [k, { label }] of shown.entries()) console.log(`${k + 1}. ${label}`);
}
