// Random faults under load. Operators shoot through the outbox and portals watch, while processes are killed and frozen and
// messages are lost and repeated. At the end every acknowledged photo must be exactly one frame in a final state.
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { makePlace, spinbay, start } from '../e2e/support/installation.ts';
import { makeFaults, memoryOf } from './faults.ts';
import { countUnfinished, findViolations } from './find-violations.ts';
import { type Operator, startOperator } from './operators.ts';
import { openPhotos } from './photos.ts';
import { createRandom } from './random.ts';
import { openStorage } from './storage.ts';
import { watch } from './watchers.ts';

const { values } = parseArgs({
  options: {
    minutes: { type: 'string', default: '5' },
    seed: { type: 'string' },
    operators: { type: 'string', default: '2' },
    watchers: { type: 'string', default: '2' },
  },
});
const minutes = positive('minutes');
const [operatorCount, watcherCount] = [positive('operators'), positive('watchers')];
const seed = values.seed === undefined ? Math.floor(Math.random() * 2 ** 31) : Number(values.seed);
if (!Number.isInteger(seed)) fail('--seed must be a whole number.');

/** How long the installation may take to finish its work after the faults. After a longer run: as long as the run took. */
const settleMs = 10 * 60_000;

console.log(`Chaos for ${minutes} minutes: ${operatorCount} operators, ${watcherCount} watchers, seed ${seed}.`);
const began = Date.now();
const log = (line: string) => console.log(`  ${((Date.now() - began) / 1000).toFixed(0).padStart(5)} s  ${line}`);
const random = createRandom(seed);
const place = await makePlace();
const folder = join(place.dataDir, '..');
const operators: Operator[] = [];
let installation: Awaited<ReturnType<typeof start>> | undefined;
try {
  installation = await start(place);
  await spinbay(place, 'sample', join(folder, 'spin'), '--size', '1200x900');
  await mkdir(join(folder, 'photos'));
  await mkdir(join(folder, 'outboxes'));
  const token = (await spinbay(place, 'token', '--user', 'admin@demo.test')).stdout.trim();
  const storage = openStorage(place, installation);
  for (let k = 0; k < operatorCount; k += 1) {
    const own = random.fork(`operator ${k}`);
    const takePhoto = await openPhotos(join(folder, 'spin'), join(folder, 'photos'), own);
    operators.push(
      await startOperator(`operator-${k}`, installation.endpoints, join(folder, 'outboxes'), takePhoto, own),
    );
  }
  log('shooting starts');
  const over = AbortSignal.timeout(minutes * 60_000);
  const memory = sampleMemory(over);
  const [faults, watchers] = await Promise.all([
    makeFaults(place, random.fork('faults'), storage, over, log),
    Promise.all(Array.from({ length: watcherCount }, () => watch(installation?.endpoints as never, token, over))),
    ...operators.map((operator) => operator.shoot(over)),
  ]);
  const shots = operators.flatMap((operator) => operator.shots);
  log(`the faults are over; ${shots.length} photos were shot`);
  const settled = await settle(storage, operators);
  log(settled ? 'all work is finished' : 'some work is not finished');

  // The next start removes the leftovers of interrupted requests.
  await installation.stop();
  installation = await start(place);
  const violations = await findViolations(shots, storage);
  if (!settled) violations.push(...operators.flatMap((operator) => operator.unfinished()));
  report({
    shots: shots.length,
    poison: shots.filter(({ kind }) => kind === 'poison').length,
    faults,
    watchers,
    memory: await memory,
  });
  for (const line of violations.slice(0, 50)) console.log(`  VIOLATION  ${line}`);
  console.log(
    violations.length === 0
      ? `\nok: ${shots.length} photos, 0 lost, 0 duplicated, 0 unfinished (seed ${seed})`
      : `\nFAILED: ${violations.length} violations. Reproduce: npm run chaos -- --minutes ${minutes} --operators ${operatorCount} --watchers ${watcherCount} --seed ${seed}`,
  );
  process.exitCode = violations.length === 0 ? 0 : 1;
} finally {
  for (const operator of operators) await operator.stop();
  await installation?.stop();
  await place.remove();
}
process.exit();

/** Waits until no outbox and no worker has anything left to do. @returns false if the time runs out */
async function settle(storage: Awaited<ReturnType<typeof openStorage>>, all: readonly Operator[]): Promise<boolean> {
  const deadline = Date.now() + Math.max(settleMs, minutes * 60_000);
  let [logged, loggedAt] = ['', 0];
  while (Date.now() < deadline) {
    const waiting = all.reduce((sum, operator) => sum + operator.unfinished().length, 0);
    const unfinished = await countUnfinished(storage).catch(() => Number.NaN);
    if (waiting === 0 && unfinished === 0) return true;
    const now = `${waiting} in outboxes, ${unfinished} unfinished on the server`;
    if (now !== logged && Date.now() - loggedAt > 15_000) {
      log(now);
      [logged, loggedAt] = [now, Date.now()];
    }
    await sleep(2_000);
  }
  return false;
}

interface Sample {
  readonly [service: string]: number;
}

async function sampleMemory(signal: AbortSignal): Promise<Sample[]> {
  const samples: Sample[] = [];
  while (!signal.aborted) {
    await sleep(5_000, undefined, { signal }).catch(() => undefined);
    samples.push((await memoryOf(place)) as Sample);
  }
  return samples;
}

interface Report {
  readonly shots: number;
  readonly poison: number;
  readonly faults: Record<string, number>;
  readonly watchers: readonly { polls: number; faults: number }[];
  readonly memory: readonly Sample[];
}

function report({ shots, poison, faults, watchers, memory }: Report): void {
  console.log(`\n  ${shots} photos, ${poison} of them unreadable`);
  const list = Object.entries(faults).sort(([a], [b]) => a.localeCompare(b));
  console.log(`  faults: ${list.map(([name, count]) => `${count} x ${name}`).join(', ')}`);
  const sum = (key: 'polls' | 'faults') => watchers.reduce((total, watcher) => total + watcher[key], 0);
  console.log(`  watchers: ${sum('polls')} polls, ${sum('faults')} failed`);
  for (const service of ['api', 'worker', 'cloud']) {
    const values = memory.map((sample) => sample[service]).filter((value) => value !== undefined);
    const half = values.length >> 1;
    const mean = (part: number[]) => (part.reduce((a, b) => a + b, 0) / Math.max(1, part.length)).toFixed(0);
    console.log(
      `  memory of ${service}: ${mean(values.slice(0, half))} MB in the first half, ${mean(values.slice(half))} MB in the second`,
    );
  }
  console.log();
}

function positive(name: 'minutes' | 'operators' | 'watchers'): number {
  const value = Number(values[name]);
  if (!(value > 0)) fail(`--${name} must be a number greater than 0.`);
  return value;
}

function fail(message: string): never {
  console.error(message);
  process.exit(2);
}
