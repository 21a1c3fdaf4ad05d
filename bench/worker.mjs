// `npm run bench -- worker [FOLDER] [--rounds N] [--images N]`: CPU, wall time and memory of the imaging job for one photo,
// compared to only decoding the same files (the bound) and to other implementations (the peers), alternating in one run.
// Then the same on all cores, the complete worker with storage and rows, and HEIC.
import { execFile, spawnSync } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { parseArgs, promisify } from 'node:util';
import { canReadCpu } from './imaging/cpu-of.mjs';
import { codeHeic, jpegOf, measureHeic } from './imaging/heic-job.mjs';
import { bundleImaging, bundleWorker } from './imaging/load-imaging.mjs';
import { measureWholeJob } from './imaging/whole-job.mjs';

const { values, positionals } = parseArgs({
  options: { rounds: { type: 'string', default: '5' }, images: { type: 'string', default: '6' } },
  allowPositionals: true,
});
const [rounds, images] = [Number(values.rounds), Number(values.images)];
const contender = fileURLToPath(new URL('./imaging/contender.mjs', import.meta.url));
const contenderPy = fileURLToPath(new URL('./imaging/contender.py', import.meta.url));
/** As in the worker's measuring process: large buffers are kept instead of being allocated again for every photo. */
const memory = {
  MALLOC_MMAP_THRESHOLD_: '1073741824',
  MALLOC_TRIM_THRESHOLD_: '2147483648',
  MALLOC_ARENA_MAX: '1',
};
const flags = ['--expose-gc', '--single-threaded-gc'];
const env = { ...process.env, ...memory };
const run = promisify(execFile);
const scratch = mkdtempSync(join(tmpdir(), 'spinbay-bench-'));
writeFileSync(join(scratch, 'laplacian.mat'), '3 3\n0 1 0\n1 -4 1\n0 1 0\n');
const bundle = await bundleImaging();

try {
  const files = await photos();
  const bytes = files.reduce((sum, file) => sum + statSync(file).size, 0) / files.length;
  console.log(`${files.length} photos, ${(bytes / 1e6).toFixed(1)} MB each on average; ${rounds} rounds\n`);
  await compare(files);
  const imaging = await allCores(files);
  if (canReadCpu) {
    const worker = await bundleWorker();
    await wholeJob(worker, files, imaging);
    await heic(worker, files);
  } else console.log('The whole job, HEIC: skipped, because CPU time of other processes can only be read on Linux');
} finally {
  rmSync(scratch, { recursive: true, force: true });
}

async function heic({ measureChild }, files) {
  const given = positionals[0] === undefined ? [] : picturesIn(positionals[0], /\.hei[cf]$/i);
  const canCode = has('sh', '-c', 'ffmpeg -v error -encoders | grep -q libx265');
  if (given.length === 0 && !canCode) {
    console.log('HEIC: skipped, because there is no file and no ffmpeg with libx265 to make one');
    return;
  }
  if (!has('djpeg', '-version')) {
    console.log('HEIC: skipped, because its bound djpeg is not installed');
    return;
  }
  const program = findProgram('ffmpeg');
  for (const file of given.length > 0 ? given : [await codeHeic(bundle, files[0], scratch)]) {
    const same = await jpegOf(bundle, file, scratch);
    const ways = [
      { name: 'libde265', ffmpeg: null, cpu: [], wall: [] },
      ...(program === null ? [] : [{ name: 'ffmpeg', ffmpeg: program, cpu: [], wall: [] }]),
    ];
    const bound = [];
    for (let round = 0; round < rounds; round++) {
      bound.push((await shell([same, same, same], djpeg)).perImage);
      for (const way of ways) {
        const { cpuMs, wallMs } = await measureHeic(bundle, measureChild, file, way.ffmpeg, 3);
        way.cpu.push(cpuMs);
        way.wall.push(wallMs);
      }
    }
    const [cpu, wall] = [median(bound.map((one) => one.cpuMs)), median(bound.map((one) => one.wallMs))];
    console.log(
      `\nHEIC, ${basename(file)} (${(statSync(file).size / 1e6).toFixed(1)} MB), the job with decode; djpeg on its pixels takes ${cpu.toFixed(0)} ms`,
    );
    for (const way of ways) {
      console.log(
        `${way.name.padEnd(26)}${median(way.cpu).toFixed(0).padStart(8)}${median(way.wall).toFixed(0).padStart(10)}`,
      );
    }
    const [own, fast] = ways;
    checkTarget('CPU of a HEIC / djpeg on the same pixels', median(own.cpu) / cpu, 'at most', 12);
    if (availableParallelism() >= 2)
      checkTarget('wall time of a HEIC / djpeg on the same pixels', median(own.wall) / wall, 'at most', 8);
    if (fast) checkTarget('CPU of a HEIC with ffmpeg / djpeg on the same pixels', median(fast.cpu) / cpu, 'at most', 7);
  }
}

async function photos() {
  if (positionals[0] !== undefined) {
    const found = picturesIn(positionals[0], /\.jpe?g$/i);
    if (found.length === 0) throw new Error(`There is no JPEG in ${positionals[0]}.`);
    return found;
  }
  const { drawSpin, frameCount } = await import(pathToFileURL(bundle).href);
  console.log(`Drawing ${images} frames of 12 megapixels ...`);
  const missing = Array.from({ length: frameCount }, (_, k) => k + 1).filter((frame) => frame > images);
  const { files } = await drawSpin({ outDir: scratch, startedAt: new Date('2026-03-01T09:30:00Z'), missing });
  return files.map((file) => file.path);
}

function picturesIn(folder, name) {
  const found = readdirSync(folder, { recursive: true }).filter((file) => name.test(file));
  return found.sort().map((file) => join(folder, file));
}

async function compare(files) {
  const node = (way) => async () =>
    JSON.parse((await run(process.execPath, [...flags, contender, way, bundle, '1', ...files], { env })).stdout);
  const ways = [
    {
      name: 'djpeg (bound)',
      needs: has('djpeg', '-version'),
      run: () => shell(files, djpeg),
    },
    { name: 'sharp raw decode (bound)', run: node('sharp raw decode') },
    { name: 'spinbay', run: node('spinbay') },
    { name: 'naive sharp', run: node('naive sharp') },
    { name: 'vips command line', needs: has('vips', '--version'), run: () => shell(files, vips) },
    {
      name: 'Python, OpenCV',
      needs: has(python(), '-c', 'import cv2, numpy, PIL'),
      run: async () => JSON.parse((await run(python(), [contenderPy, '1', ...files], { env })).stdout),
    },
  ];
  const available = ways.filter(({ name, needs = true }) => {
    if (!needs) console.log(`${name}: skipped, not installed`);
    return needs;
  });
  const results = new Map(available.map(({ name }) => [name, []]));
  for (let round = 0; round < rounds; round++)
    for (const each of available) results.get(each.name).push(await each.run());

  const figures = available.map(({ name }) => {
    const all = results.get(name);
    return {
      name,
      cpu: median(all.map((one) => one.perImage.cpuMs)),
      wall: median(all.map((one) => one.perImage.wallMs)),
      peak: Math.max(...all.map((one) => one.peakMb ?? Number.NaN)),
    };
  });
  const bound = figures[0];
  console.log(`\n${'one photo at a time'.padEnd(26)}  CPU ms   wall ms   peak MB   x ${bound.name}`);
  for (const { name, cpu, wall, peak } of figures) {
    const mb = Number.isNaN(peak) ? '-' : peak.toFixed(0);
    console.log(
      `${name.padEnd(26)}${cpu.toFixed(0).padStart(8)}${wall.toFixed(0).padStart(10)}${mb.padStart(10)}${(cpu / bound.cpu).toFixed(2).padStart(10)}`,
    );
  }
  const own = figures.find(({ name }) => name === 'spinbay');
  const python3 = figures.find(({ name }) => name.startsWith('Python'));
  console.log();
  checkTarget('CPU of the job / only decoding', own.cpu / bound.cpu, 'at most', 2);
  if (python3) checkTarget('CPU of Python with OpenCV / the job', python3.cpu / own.cpu, 'at least', 1.4);
}

/** Compares one process per core, each with all photos, to a single process. @returns CPU ms per photo on all cores */
async function allCores(files) {
  const cores = availableParallelism();
  const together = async (count) => {
    const outcomes = await Promise.all(
      Array.from({ length: count }, () =>
        run(process.execPath, [...flags, contender, 'spinbay', bundle, '2', ...files], { env }),
      ),
    );
    const all = outcomes.map(({ stdout }) => JSON.parse(stdout));
    return {
      perSecond: all.reduce((sum, one) => sum + (1000 * one.images) / one.wallMs, 0),
      cpuMs: all.reduce((sum, one) => sum + one.perImage.cpuMs, 0) / count,
    };
  };
  const decoded = async (count) => {
    const outcomes = await Promise.all(Array.from({ length: count }, () => shell(files, djpeg)));
    return outcomes.reduce((sum, { perImage }) => sum + 1000 / perImage.wallMs, 0);
  };
  const decodes = has('djpeg', '-version');
  const figures = { one: [], all: [], ratio: [], bound: [], cpuMs: [] };
  for (let round = 0; round < rounds; round++) {
    const [one, all] = [await together(1), await together(cores)];
    figures.one.push(one.perSecond);
    figures.all.push(all.perSecond);
    figures.ratio.push(all.perSecond / one.perSecond);
    figures.cpuMs.push(all.cpuMs);
    if (decodes) {
      const alone = await decoded(1);
      figures.bound.push((await decoded(cores)) / alone);
    }
  }
  const [one, all] = [median(figures.one), median(figures.all)];
  const bound = decodes ? `; djpeg does ${median(figures.bound).toFixed(2)} times as many on all` : '';
  console.log(`\nimages/s: ${one.toFixed(1)} on one core, ${all.toFixed(1)} on all ${cores}${bound}`);
  if (cores >= 2) checkTarget(`images/s on ${cores} cores / on one`, median(figures.ratio), 'at least', 0.9 * cores);
  return median(figures.cpuMs);
}

/** The worker with object store, queue and database in separate processes. */
async function wholeJob(worker, files, imagingMs) {
  const { own, children } = await measureWholeJob(worker, files, 4);
  console.log(
    `\nthe worker: CPU ms for a photo, ${own.toFixed(0)} for storage, queue and rows, ${children.toFixed(0)} measuring`,
  );
  checkTarget('CPU of the whole job / the imaging alone', (own + children) / imagingMs, 'at most', 1.25);
}

/** Runs one command line per photo and measures their time with the shell's `time`. */
async function shell(files, commandOf) {
  const lines = files.map((file) => commandOf(`'${file.replaceAll("'", "'\\''")}'`)).join('\n');
  const script = join(scratch, `commands-${randomUUID()}.sh`);
  writeFileSync(script, `TIMEFORMAT='%R %U %S'\ntime {\n${lines}\n}\n`);
  const { stderr } = await run('bash', ['-e', script], { env: { ...env, LC_ALL: 'C', VIPS_CONCURRENCY: '1' } });
  const [wall, user, system] = stderr.trim().split('\n').at(-1).split(' ').map(Number);
  return { perImage: { cpuMs: (1000 * (user + system)) / files.length, wallMs: (1000 * wall) / files.length } };
}

function djpeg(file) {
  return `djpeg -ppm -outfile /dev/null ${file}`;
}

function vips(file) {
  const out = (name) => `'${join(scratch, name)}'`;
  return [
    ...[150, 600, 1200].map(
      (size) => `vips thumbnail ${file} ${out(`t${size}.jpg[Q=85]`)} ${size} --height ${size} --crop centre`,
    ),
    `vips colourspace ${file} ${out('grey.v')} b-w`,
    `vips conv ${out('grey.v')} ${out('laplacian.v')} ${out('laplacian.mat')}`,
    `vips deviate ${out('laplacian.v')} > /dev/null`,
    `vips hist_find ${out('grey.v')} ${out('histogram.v')}`,
    `vips thumbnail ${file} ${out('hash.v')} 32 --height 32 --size force`,
  ].join('\n');
}

/** PYTHON names the interpreter whose packages are used. */
function python() {
  return process.env.PYTHON ?? 'python3';
}

function has(command, ...args) {
  return spawnSync(command, args, { stdio: 'ignore' }).status === 0;
}

/** The path of the command, or null if it is not installed. */
function findProgram(name) {
  const found = spawnSync('sh', ['-c', `command -v ${name}`], { encoding: 'utf8' });
  return found.status === 0 ? found.stdout.trim() : null;
}

function median(numbers) {
  return [...numbers].sort((a, b) => a - b)[numbers.length >> 1];
}

function checkTarget(what, value, direction, bound) {
  const met = direction === 'at most' ? value <= bound : value >= bound;
  console.log(`${met ? 'met   ' : 'MISSED'}  ${what}: ${value.toFixed(2)} (${direction} ${bound})`);
  if (!met) process.exitCode = 1;
}
