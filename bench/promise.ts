// Measures the promise: the time from the last of 24 photos until a reviewer's page shows 24 pictures with QC badges, with a
// real installation, the capture app in Chromium with a 12-megapixel camera behind a shaped link, and the portal in another
// browser. --link none|4g|3g|all, --sender app|ingest|all; --film FILE stores the camera's film for the next run; --write
// writes pictures and table into docs/.
import { existsSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { availableParallelism, cpus, loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { openStorage } from '../tests/chaos/storage.ts';
import { filmOf } from '../tests/e2e/support/fake-camera.ts';
import { type Installation, makePlace, spinbay, start } from '../tests/e2e/support/installation.ts';
import { type LinkName, linkNames, linkShapes } from '../tests/e2e/support/link-shapes.ts';
import { measureLink, wordsOf } from '../tests/e2e/support/measure-link.ts';
import { decodeTimes, photoSize } from './promise/decode-times.ts';
import { type Bench, deliver, type Sender, senders } from './promise/deliver.ts';
import { drawWaterfall } from './promise/draw-waterfall.ts';
import { boundOf, type FrameTimes, stages, stageWords, timeOf } from './promise/timeline.ts';
import { type DocsRow, writeDocs } from './promise/write-docs.ts';
import { checkTarget, choiceOption, printTable, textOption } from './support/figures.ts';

const wantedLinks = choiceOption('link', ['all', ...linkNames], 'all');
const wantedSenders = choiceOption('sender', ['all', ...senders], 'app');
const doWrite = process.argv.includes('--write');
const film = textOption('film');
const cores = availableParallelism();

const docsHead = [
  ...[
    'link',
    'sender',
    'measured rate, delay and loss',
    'sent',
    'first pictures uploaded, s',
    'processed',
    'seen with QC',
  ],
  ...['ratio to the bound', 'originals in place, s', 'ratio to the bound', 'when and where'],
];

const folder = await mkdtemp(join(tmpdir(), 'spinbay-promise-'));
const place = await makePlace();
let installation: Installation | undefined;
try {
  const spin = join(folder, 'spin');
  const filmFile = film ?? join(folder, 'film.y4m');
  installation = await start(place);
  if (wantedSenders !== 'app' || !existsSync(filmFile)) await spinbay(place, 'sample', spin, '--size', photoSize);
  if (wantedSenders !== 'ingest' && !existsSync(filmFile)) await filmOf(spin, filmFile, { framesPerSecond: 1 });
  const bench = { place, installation, storage: openStorage(place, installation), folder, spin, filmFile };
  const rows: DocsRow[] = [];
  for (const link of linkNames) {
    if (wantedLinks !== 'all' && wantedLinks !== link) continue;
    for (const sender of senders)
      if (wantedSenders === 'all' || wantedSenders === sender) rows.push(await measure(bench, link, sender));
  }
  console.log();
  printTable(
    docsHead.slice(0, -1),
    rows.map((row) => row.slice(0, -1)),
  );
  if (doWrite) await writeDocs(docsHead, rows);
} finally {
  await installation?.stop();
  await place.remove();
  await rm(folder, { recursive: true, force: true });
}

async function measure(bench: Bench, link: LinkName, sender: Sender): Promise<DocsRow> {
  const shape = linkShapes[link];
  const { words, speed } = shape;
  const load = loadavg()[0] ?? 0;
  const real = await measureLink(shape, bench.folder);
  console.log(`${words}; sender: ${sender}; load of the machine before: ${load.toFixed(1)}`);
  console.log(`  shaped by ${real.shaper}`);
  console.log(`  measured through the link: ${wordsOf(shape, real)}\n`);
  const { frames, began } = await deliver(bench, link, sender);
  const uploads = frames.flatMap(({ first, original }) => (first === original ? [first] : [first, original]));
  const decodeMs = await decodeTimes(bench, frames);
  const bound = (part: 'first' | 'original') =>
    boundOf({
      ...{ frames, part, began, decodeMs, cores },
      uploads: part === 'original' ? uploads : frames.map(({ first }) => first),
      bytesPerSecond: speed?.upBytesPerSecond ?? real.upBytesPerSecond,
    });
  const seconds = (part: 'first' | 'original', stage: 'uploaded' | 'processed' | 'painted') =>
    (Math.max(...frames.map((frame) => frame[part][stage])) - began) / 1000;
  printWaterfall(frames, began);
  const [seen, whole] = [bound('first'), bound('original')];
  const seenRatio = seconds('first', 'painted') / seen.total;
  const wholeRatio = seconds('original', 'painted') / whole.total;
  console.log();
  printTable(
    ['from the last photo, s', 'uploaded', 'processed', 'painted', 'link', 'decoding', 'half a poll', 'bound', 'ratio'],
    (['first', 'original'] as const).map((part) => {
      const of = part === 'first' ? seen : whole;
      return [
        part === 'first' ? 'all 24 seen with QC' : 'all originals in their place',
        ...(['uploaded', 'processed', 'painted'] as const).map((stage) => seconds(part, stage).toFixed(1)),
        ...[of.link, of.decode, of.poll, of.total].map((value) => value.toFixed(1)),
        (part === 'first' ? seenRatio : wholeRatio).toFixed(2),
      ];
    }),
  );
  console.log();
  checkTarget('seconds until all 24 are seen with QC', seconds('first', 'painted'), { atMost: 60 });
  checkTarget('seconds until seen, ratio to the bound', seenRatio, { atMost: 1.3 });
  checkTarget('seconds until the originals are in place, ratio to the bound', wholeRatio, { atMost: 1.3 });
  const title = `24 frames of 12 megapixels, ${words}${sender === 'ingest' ? ', by ingest' : ''}`;
  if (doWrite)
    await writeFile(`docs/promise-${link}${sender === 'ingest' ? '-ingest' : ''}.svg`, drawWaterfall(title, frames));
  const date = new Date().toISOString().slice(0, 10);
  return [
    words,
    sender,
    `${(real.upBytesPerSecond * 8e-6).toFixed(2)} Mbit/s, ${real.roundTripMs.toFixed(0)} ms, ${((real.loss?.up ?? 0) * 100).toFixed(1)} %`,
    `${(uploads.reduce((sum, { bytes }) => sum + bytes, 0) / 1e6).toFixed(1)} MB`,
    seconds('first', 'uploaded').toFixed(1),
    seconds('first', 'processed').toFixed(1),
    `**${seconds('first', 'painted').toFixed(1)}**`,
    seenRatio.toFixed(2),
    seconds('original', 'painted').toFixed(1),
    wholeRatio.toFixed(2),
    `${date}, ${cores} cores (${cpus()[0]?.model.trim()}), load before ${load.toFixed(1)}`,
  ];
}

function printWaterfall(frames: readonly FrameTimes[], began: number): void {
  console.log('  Seconds from the last photo; what was seen first of each frame, then its original:\n');
  const line = (frame: FrameTimes, part: 'first' | 'original', name: string) => [
    name,
    ...stages.map((stage) => {
      const at = timeOf(frame, part, stage);
      return Number.isNaN(at) ? '-' : ((at - began) / 1000).toFixed(2);
    }),
  ];
  printTable(
    ['', ...stages.map((stage) => stageWords[stage])],
    frames.flatMap((frame) => [
      line(frame, 'first', `${frame.angle}°`),
      ...(frame.first === frame.original ? [] : [line(frame, 'original', '  original')]),
    ]),
  );
}
