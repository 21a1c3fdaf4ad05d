// The capacity of one machine: how many operators it can serve who shoot a spin of 24 frames every three minutes while
// portals watch, the CPU time of a spin when many arrive at a time, and the effect of more workers on one queue.
// Operators, portals and the installation share the machine, so the share of each is printed. --operators 2,4,8
// --seconds 60 --portals 20, --at-a-time 1,10, --workers 1,2,4, each a list or a number; --size 4032x3024 of the
// operators' photos (the other parts use small ones); --write writes the tables into docs/.
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { availableParallelism, cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { openStorage, type Storage } from '../tests/chaos/storage.ts';
import { type Installation, makePlace, spinbay, start } from '../tests/e2e/support/installation.ts';
import { runEvenly, spinSeconds } from './load/even-load.ts';
import { enrolOperator, framesPerSpin, type Operator, type Photo, readPhotos } from './load/operators.ts';
import { type CpuTimes, cpuTimes, partNames, withMoreWorkers } from './load/stack-cpu.ts';
import { markdownTable, writeSection } from './support/docs-section.ts';
import { checkTarget, numberOption, printTable, quantile, textOption } from './support/figures.ts';

const levels = listOption('operators', [2, 4, 8]);
const atATime = listOption('at-a-time', [1, 10]);
const workerCounts = listOption('workers', [1, 2, 4]);
const seconds = numberOption('seconds', 60);
const portals = numberOption('portals', 20);
const size = textOption('size') ?? '4032x3024';
const smallWidth = 1600;
const cores = availableParallelism();
const longestWaitMs = 1_800_000;

const folder = await mkdtemp(join(tmpdir(), 'spinbay-load-'));
const place = await makePlace();
let installation: Installation | undefined;
try {
  installation = await start(place);
  const spin = join(folder, 'spin');
  await spinbay(place, 'sample', spin, '--size', size);
  const storage = openStorage(place, installation);
  const tables = [
    await measureCapacity(installation, await readPhotos(spin)),
    await manyAtATime(installation, storage, await readPhotos(spin, smallWidth)),
    await moreWorkers(installation, storage, await readPhotos(spin, smallWidth)),
  ];
  if (process.argv.includes('--write')) await write(tables);
} finally {
  await installation?.stop();
  await place.remove();
  await rm(folder, { recursive: true, force: true });
}

interface Table {
  readonly title: string;
  readonly rows: readonly (readonly string[])[];
}

/** How soon frames are seen, for a growing number of operators. */
async function measureCapacity(stack: Installation, photos: readonly Photo[]): Promise<Table> {
  const token = (await spinbay(place, 'token', '--user', 'admin@demo.test')).stdout.trim();
  const operators: Operator[] = [];
  const rows: string[][] = [];
  const sustained = { 15: 0, 60: 0 };
  for (const count of levels) {
    while (operators.length < count) operators.push(await enrolOperator(stack, photos));
    const [before, began] = [await cpuTimes(stack), performance.now()];
    const load = await runEvenly(stack, token, operators.slice(0, count), { seconds, portals });
    const used = difference(before, await cpuTimes(stack), (performance.now() - began) / 1000);
    const p95 = quantile(load.seconds, 0.95);
    for (const limit of [15, 60] as const) if (p95 < limit) sustained[limit] = Math.max(sustained[limit], count);
    const spins = load.seconds.length / framesPerSpin;
    const perSpin = used.stack / spins;
    rows.push([
      String(count),
      ...[quantile(load.seconds, 0.5), p95, Math.max(...load.seconds)].map((value) =>
        Number.isFinite(value) ? value.toFixed(1) : 'never',
      ),
      String(load.backlog),
      perSpin.toFixed(1),
      used.largest,
      percent(used.stack / used.available),
      percent(used.self / used.available),
      percent(used.others / used.available),
      Math.floor((cores * spinSeconds) / perSpin).toFixed(0),
    ]);
  }
  const head = [
    ...['operators', 'photo to seen, s: p50', 'p95', 'longest', 'unseen at the end', 'CPU s a spin', 'most of it in'],
    ...[
      'Spinbay, share of all cores',
      'operators and portals',
      'other work here',
      'operators that all cores could serve',
    ],
  ];
  const title =
    `One machine with ${cores} cores, a spin every ${spinSeconds / 60} minutes for each operator, photos of ${size}, ` +
    `${portals} portals that watch, ${seconds} s each. Of the levels tried, ${sustained[15]} operators are seen within 15 s ` +
    `and ${sustained[60]} within 60 s (p95)`;
  return show({ title, rows: [head, ...rows] });
}

/** The CPU time of a spin, for a growing number of spins that arrive at a time. */
async function manyAtATime(stack: Installation, storage: Storage, photos: readonly Photo[]): Promise<Table> {
  const rows: string[][] = [];
  const costs: number[] = [];
  // The first spin also pays for work that is done only once.
  await sendSpins(stack, storage, [await enrolOperator(stack, photos)]);
  for (const count of atATime) {
    const operators: Operator[] = [];
    while (operators.length < count) operators.push(await enrolOperator(stack, photos));
    const { used, seconds: took } = await sendSpins(stack, storage, operators);
    costs.push(used.stack / count);
    const parts = partNames.map((name) => (used.parts[name] / count).toFixed(2));
    rows.push([String(count), (used.stack / count).toFixed(2), ...parts, took.toFixed(1)]);
  }
  const title = `The CPU of a spin by how many arrive at a time, photos ${smallWidth} pixels wide`;
  const table = show({ title, rows: [['spins', 'CPU s a spin', ...partNames, 'seconds for all'], ...rows] });
  checkTarget('CPU of a spin, most at a time / fewest', (costs.at(-1) ?? 0) / (costs[0] ?? 1), { atMost: 1.1 });
  return table;
}

/** The same work for one worker and for several on the same queue. */
async function moreWorkers(stack: Installation, storage: Storage, photos: readonly Photo[]): Promise<Table> {
  const spins = Math.max(...workerCounts);
  const operators: Operator[] = [];
  while (operators.length < spins) operators.push(await enrolOperator(stack, photos));
  const logFolder = join(place.dataDir, 'logs');
  const rows: string[][] = [];
  let alone = Number.NaN;
  for (const count of workerCounts) {
    const duplicates = await countDuplicates(logFolder);
    const { used, seconds: took } = await withMoreWorkers(stack, count - 1, logFolder, () =>
      sendSpins(stack, storage, operators),
    );
    if (Number.isNaN(alone)) alone = took;
    rows.push([
      String(count),
      took.toFixed(1),
      (alone / took).toFixed(2),
      (used.stack / spins).toFixed(2),
      percent(used.others / used.available),
      String((await countDuplicates(logFolder)) - duplicates),
    ]);
  }
  const title = `Several workers on one queue, ${spins} spins at a time, photos ${smallWidth} pixels wide, ${cores} cores`;
  const head = ['workers', 'seconds for all', 'speed-up', 'CPU s a spin', 'other work here', 'photos measured twice'];
  return show({ title, rows: [head, ...rows] });
}

/** The number of photos that a worker measured although another one had already done so. */
async function countDuplicates(logFolder: string): Promise<number> {
  const names = (await readdir(logFolder)).filter((name) => name.startsWith('worker'));
  const logs = await Promise.all(names.map((name) => readFile(join(logFolder, name), 'utf8')));
  return logs.join('').split('"another worker has already completed it"').length - 1;
}

interface Used {
  readonly parts: CpuTimes['parts'];
  /** Seconds of CPU of the installation, of this process, of everything else on the machine, and of all cores. */
  readonly stack: number;
  readonly self: number;
  readonly others: number;
  readonly available: number;
  /** The part that took most, with its share of the installation. */
  readonly largest: string;
}

function difference(before: CpuTimes, after: CpuTimes, seconds: number): Used {
  const parts = Object.fromEntries(
    partNames.map((name) => [name, after.parts[name] - before.parts[name]]),
  ) as CpuTimes['parts'];
  const stack = partNames.reduce((sum, name) => sum + parts[name], 0);
  const self = after.self - before.self;
  const [most] = [...partNames].sort((a, b) => parts[b] - parts[a]);
  return {
    ...{ parts, stack, self },
    others: Math.max(0, after.machine - before.machine - stack - self),
    available: seconds * cores,
    largest: most === undefined ? '' : `${most} (${percent(parts[most] / stack)})`,
  };
}

/** Lets each operator send a spin at once, and waits until every upload is measured. */
async function sendSpins(stack: Installation, storage: Storage, operators: readonly Operator[]) {
  const sessions = await Promise.all(operators.map((operator) => operator.begin()));
  const [before, began] = [await cpuTimes(stack), performance.now()];
  await Promise.all(
    operators.map(async (operator, k) => {
      for (let frame = 0; frame < framesPerSpin; frame++) await operator.shoot(sessions[k] ?? '', frame);
    }),
  );
  const isLeft = async () => {
    const [row] = await storage.rows<{ left: number }>(
      'select count(*)::int as left from uploads where session_id = any($1) and processed_at is null',
      [sessions],
    );
    return row?.left !== 0;
  };
  while (await isLeft()) {
    if (performance.now() - began > longestWaitMs) throw new Error('the photos are not measured after half an hour');
    await sleep(250);
  }
  const seconds = (performance.now() - began) / 1000;
  return { used: difference(before, await cpuTimes(stack), seconds), seconds };
}

function show(table: Table): Table {
  const [head = [], ...rows] = table.rows;
  console.log(`${table.title}\n`);
  printTable(head, rows);
  console.log();
  return table;
}

async function write(tables: readonly Table[]): Promise<void> {
  const command = `npm run bench -- load ${process.argv.slice(2).join(' ')}`;
  const date = new Date().toISOString().slice(0, 16).replace('T', ' ');
  await writeSection('load', [
    `Written by \`${command}\` on ${date} UTC, ${cores} cores (${cpus()[0]?.model.trim()}).`,
    ...tables.flatMap(({ title, rows }) => ['', `${title}:`, '', ...markdownTable(rows)]),
  ]);
}

function percent(share: number): string {
  return `${(share * 100).toFixed(0)} %`;
}

function listOption(name: string, fallback: number[]): number[] {
  const given = textOption(name);
  if (given === undefined) return fallback;
  const values = given.split(',').map(Number);
  if (!values.every((value) => Number.isInteger(value) && value > 0))
    throw new Error(`--${name} is a list of whole numbers such as 1,2,4, not "${given}"`);
  return values;
}
