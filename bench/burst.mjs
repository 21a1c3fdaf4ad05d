// `npm run bench -- burst [FOLDER]`: how often the best frame of a burst is picked. Each photo (of a folder of sharp ones,
// or drawn) becomes a burst of five frames with different movement and noise. A pick is right if its movement is within one
// pixel of the least.
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { motion, noisy } from './imaging/blur.mjs';
import { loadImaging } from './imaging/load-imaging.mjs';

const { pickBest, measureQualityFast, FrameDrawer, sharp } = await loadImaging();
const [width, height] = [2016, 1512];
const framesOfBurst = 5;
const maxMovement = 10;
const scenes = 36;

let state = 7;
const random = () => {
  state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
  return state / 2 ** 32;
};

const rules = [
  ['pickBest (width of edges)', (frames) => pickBest(frames.map(measured)).best],
  ['Laplacian, full size', (frames) => most(frames, ({ sharpness }) => sharpness)],
  ['Laplacian, 1000 px', (frames) => most(frames, ({ sharpness1000 }) => sharpness1000)],
].map(([name, pick]) => ({ name, pick, right: 0, milliseconds: 0 }));

for await (const scene of open(process.argv[2])) {
  const movement = Array.from({ length: framesOfBurst }, () => 1 + maxMovement * random());
  const frames = [];
  for (const length of movement) {
    frames.push(noisy(await motion(scene, length, random() < 0.5), 2 + 10 * random()));
  }
  for (const rule of rules) {
    const before = process.cpuUsage();
    const picked = rule.pick(frames);
    const { user, system } = process.cpuUsage(before);
    rule.milliseconds += (user + system) / 1000;
    if (movement[picked] <= Math.min(...movement) + 1) rule.right++;
  }
}

console.log(`${scenes} bursts of ${framesOfBurst} frames of ${width} x ${height}\n`);
console.log('rule                       within 1 px of the best   CPU ms a burst');
for (const { name, right, milliseconds } of rules) {
  const share = `${right} of ${scenes} = ${((100 * right) / scenes).toFixed(0)} %`;
  console.log(`${name.padEnd(27)}${share.padEnd(26)}${(milliseconds / scenes).toFixed(0).padStart(7)}`);
}

/** Leaves out the reduced picture, which the next measurement overwrites. */
function measured(frame) {
  const { edges, sharpness1000 } = measureQualityFast(frame);
  return { edges, sharpness1000 };
}

function most(frames, figure) {
  const values = frames.map((frame) => figure(measureQualityFast(frame)));
  return values.indexOf(Math.max(...values));
}

async function* open(folder) {
  if (folder === undefined) {
    const drawer = new FrameDrawer(width, height, 1);
    for (let k = 0; k < scenes; k++) yield { data: (await drawer.draw(k * 10, false)).data, width, height };
    return;
  }
  const files = readdirSync(folder, { recursive: true }).filter((file) => /\.jpe?g$/i.test(file));
  if (files.length === 0) throw new Error(`There is no JPEG in ${folder}.`);
  for (let k = 0; k < scenes; k++) {
    const picture = sharp(join(folder, files[k % files.length]), { ignoreIcc: true }).toColourspace('srgb');
    const data = await picture.resize(width, height, { fit: 'cover' }).raw().toBuffer();
    yield { data, width, height };
  }
}
