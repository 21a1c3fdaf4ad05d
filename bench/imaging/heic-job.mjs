// The imaging job for generated or given HEIC files, in a measuring process like that of the worker, compared to djpeg on
// the same pixels.
import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { cpuOf } from './cpu-of.mjs';

/** Tiles of 512 x 512, like an iPhone's 12-megapixel photos. */
const grid = { columns: 8, rows: 6, width: 4096, height: 3072 };
const side = 512;

/** Encodes a photo like an iPhone, in about 2 MB. Needs an ffmpeg with libx265. @returns the file */
export async function codeHeic(bundle, photo, folder) {
  const { heif } = await import(pathToFileURL(bundle).href);
  const { columns, rows, width, height } = grid;
  const filter = `scale=${width}:${height},format=yuvj420p,untile=${columns}x${rows}`;
  const coding = [
    '-c:v',
    'libx265',
    '-preset',
    'fast',
    '-x265-params',
    'log-level=none:info=0:keyint=1:crf=13:range=full',
  ];
  const stream = execFileSync(
    'ffmpeg',
    ['-v', 'error', '-i', photo, '-vf', filter, '-fps_mode', 'passthrough', ...coding, '-f', 'hevc', '-'],
    { maxBuffer: 64e6, stdio: ['ignore', 'pipe', 'ignore'] },
  );
  const units = unitsOf(stream);
  const typeOf = (unit) => (unit[0] >> 1) & 63;
  const parameterSets = [32, 33, 34].map((type) => units.find((unit) => typeOf(unit) === type));
  // A video parameter set (type 32) starts a new tile.
  const tiles = [];
  for (const unit of units) {
    if (typeOf(unit) === 32) tiles.push([]);
    else if (typeOf(unit) < 32) tiles.at(-1)?.push(unit);
  }
  if (tiles.length !== columns * rows) throw new Error(`ffmpeg made ${tiles.length} tiles of ${columns * rows}`);
  const file = join(folder, 'coded.heic');
  writeFileSync(file, heif({ tile: { parameterSets, slices: [] }, grid, tileSide: side, slicesOf: (k) => tiles[k] }));
  return file;
}

/** NAL units, each after a start code (00 00 01, often with another 00 before it). */
function unitsOf(stream) {
  const startCode = Buffer.from([0, 0, 1]);
  const starts = [];
  for (let at = stream.indexOf(startCode); at >= 0; at = stream.indexOf(startCode, at + 3)) starts.push(at);
  return starts.map((at, i) => {
    const next = starts[i + 1] ?? stream.length;
    return stream.subarray(at + 3, stream[next - 1] === 0 ? next - 1 : next);
  });
}

/** @returns a JPEG with the pixels of a HEIC, for djpeg */
export async function jpegOf(bundle, file, folder) {
  const { decodeHeic, sharp } = await import(pathToFileURL(bundle).href);
  const { picture } = await decodeHeic(readFileSync(file));
  const { width, height } = picture;
  const to = join(folder, 'same-pixels.jpg');
  await sharp(Buffer.from(picture.data), { raw: { width, height, channels: 3 } })
    .jpeg({ quality: 92, optimiseCoding: false })
    .toFile(to);
  return to;
}

/** @returns CPU and wall ms of the job for one HEIC in a measuring process, whose helper thread decodes tiles, too */
export async function measureHeic(bundle, measureChild, file, ffmpeg, times) {
  const { createMeasurer, defaultQcThresholds } = await import(pathToFileURL(bundle).href);
  const entry = pathToFileURL(measureChild);
  const measurer = createMeasurer({
    entry,
    slots: 1,
    startTimeoutMs: 60_000,
    timeoutMs: 60_000,
    maxRssMb: 900,
    ffmpeg,
  });
  const request = {
    file,
    qc: defaultQcThresholds,
    maxBytes: 64e6,
  };
  const { signal } = new AbortController();
  try {
    for (let warmUp = 0; warmUp < 2; warmUp++) await measurer.measure(request, signal);
    const [began, before] = [performance.now(), cpuOf(process.pid).children];
    for (let k = 0; k < times; k++) await measurer.measure(request, signal);
    return {
      wallMs: (performance.now() - began) / times,
      cpuMs: (cpuOf(process.pid).children - before) / times,
    };
  } finally {
    await measurer.close();
  }
}
