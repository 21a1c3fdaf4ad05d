// The outbox in a simulated world: lost and duplicated photos over random schedules of kills and broken links, the bytes
// sent relative to the size of the photos, and the photos in flight. Then the memory of the capture app in Chromium over a
// spin of 72 frames of 12 megapixels. --schedules N, --seed N, --only simulation|memory|both.
import { Operator } from '../packages/outbox/src/testing/operator.ts';
import { randomFrom } from '../packages/outbox/src/testing/random.ts';
import { growthOf, measureSpinMemory, slopeOf } from './outbox/spin-memory.ts';
import { checkTarget, choiceOption, numberOption, printTable } from './support/figures.ts';

const schedules = numberOption('schedules', 1_000);
const seed = numberOption('seed', 1);
const only = choiceOption('only', ['both', 'simulation', 'memory'], 'both');
const frames = 24;
const photoBytes = 3_500_000;
const hour = 3_600_000;

interface Plan {
  readonly kills: number;
  readonly cuts: number;
  readonly withPreview: boolean;
}

interface Outcome {
  readonly lost: number;
  readonly duplicated: number;
  /** Bytes sent, relative to the originals. */
  readonly sent: number;
  /** Bytes of interrupted uploads, which cannot be resumed, relative to the originals. */
  readonly cutOff: number;
  readonly maxInFlight: number;
}

/** Shoots a spin, a photo every two seconds, while the app is killed and the link is cut this many times. */
async function shootSpin(random: () => number, plan: Plan): Promise<Outcome> {
  const operator = await Operator.begin(random);
  const { world } = operator;
  world.setLink({ speed: 1_000_000 });
  // A spin takes 48 s to shoot and 84 s to send.
  const times = (count: number, what: 'kill' | 'cut') =>
    Array.from({ length: count }, () => ({ at: random() * 120_000, what }));
  const shots = Array.from({ length: frames }, (_, k) => ({ at: k * 2_000, what: 'shoot' as const }));
  const events = [...shots, ...times(plan.kills, 'kill'), ...times(plan.cuts, 'cut')].sort((a, b) => a.at - b.at);
  const began = world.clock.elapsed();
  for (const { at, what } of events) {
    await world.clock.run(Math.max(0, at - (world.clock.elapsed() - began)));
    if (what === 'shoot') await operator.shoot({ withPreview: plan.withPreview, size: photoBytes });
    else if (what === 'kill') await operator.restart();
    else {
      world.setLink({ mode: 'off' });
      await world.clock.run(3_000);
      world.setLink({ mode: 'on' });
    }
  }
  await operator.endSession();
  await world.clock.run(6 * hour, () => operator.tab.outbox.state().items.length === 0);
  const counts = operator.shots.map(({ original }) => world.framesOf(original.digest).length);
  const photos = frames * photoBytes;
  return {
    lost: counts.filter((count) => count === 0).length + (frames - operator.shots.length),
    duplicated: counts.filter((count) => count > 1).length,
    sent: world.bytesSent / photos,
    cutOff: world.bytesCutOff / photos,
    maxInFlight: world.maxInFlight / photoBytes,
  };
}

async function runAll(count: number, plan: Plan): Promise<Outcome> {
  const random = randomFrom(seed);
  const outcomes: Outcome[] = [];
  for (let k = 0; k < count; k++) outcomes.push(await shootSpin(random, plan));
  const sum = (of: (outcome: Outcome) => number) => outcomes.reduce((total, outcome) => total + of(outcome), 0);
  return {
    lost: sum(({ lost }) => lost),
    duplicated: sum(({ duplicated }) => duplicated),
    sent: sum(({ sent }) => sent) / count,
    cutOff: sum(({ cutOff }) => cutOff) / count,
    maxInFlight: Math.max(...outcomes.map(({ maxInFlight }) => maxInFlight)),
  };
}

async function simulate(): Promise<void> {
  const plans = [
    { name: 'nothing goes wrong', count: 20, plan: { kills: 0, cuts: 0, withPreview: false } },
    { name: 'nothing goes wrong, with previews', count: 20, plan: { kills: 0, cuts: 0, withPreview: true } },
    { name: 'killed once', count: 20, plan: { kills: 1, cuts: 0, withPreview: false } },
    { name: 'killed once, with previews', count: 20, plan: { kills: 1, cuts: 0, withPreview: true } },
    { name: 'killed 4 times, cut 4 times', count: schedules, plan: { kills: 4, cuts: 4, withPreview: true } },
  ];
  const results: ({ name: string; count: number; plan: Plan } & Outcome)[] = [];
  for (const { name, count, plan } of plans) results.push({ name, count, plan, ...(await runAll(count, plan)) });
  printTable(
    [
      'spins of 24 photos of 3.5 MB',
      'schedules',
      'lost',
      'duplicated',
      'sent / photos',
      'of it cut off',
      'photos in flight',
    ],
    results.map(({ name, count, lost, duplicated, sent, cutOff, maxInFlight }) => [
      name,
      String(count),
      String(lost),
      String(duplicated),
      sent.toFixed(3),
      cutOff.toFixed(3),
      maxInFlight.toFixed(2),
    ]),
  );
  console.log('');
  const worst = (of: (result: (typeof results)[number]) => number) => Math.max(...results.map(of));
  checkTarget(
    'photos lost',
    worst(({ lost }) => lost),
    { atMost: 0 },
  );
  checkTarget(
    'photos duplicated',
    worst(({ duplicated }) => duplicated),
    { atMost: 0 },
  );
  const beyondCuts = (withPreview: boolean) =>
    Math.max(
      ...results.filter(({ plan }) => plan.withPreview === withPreview).map(({ sent, cutOff }) => sent - cutOff),
    );
  checkTarget('sent / photos, without what was cut off', beyondCuts(false), { atMost: 1.02 });
  checkTarget('the same with previews', beyondCuts(true), { atMost: 1.12 });
  checkTarget(
    'photos in flight',
    worst(({ maxInFlight }) => maxInFlight),
    { atMost: 2.2 },
  );
}

async function measureMemory(): Promise<void> {
  const megabytes = (bytes: number) => (bytes / 1e6).toFixed(2);
  console.log('\n  The memory of the capture app over 72 frames of 12 megapixels\n');
  const { samples, photo } = await measureSpinMemory(({ frame, heap, blobs }) => {
    if (frame % 6 === 0)
      console.log(
        `  after frame ${String(frame).padStart(2)}: heap ${megabytes(heap)} MB, blobs ${megabytes(blobs)} MB`,
      );
  });
  console.log(`\n  mean photo: ${megabytes(photo)} MB\n`);
  // The first frames load code and start the exposure lock.
  const settled = samples.filter(({ frame }) => frame > 12);
  for (const kind of ['heap', 'blobs'] as const) {
    const values = settled.map((sample) => ({ frame: sample.frame, value: sample[kind] / photo }));
    checkTarget(`${kind} that a further frame keeps / its photo`, slopeOf(values), { atMost: 0.02 });
    // About 40 frames lie between the middles of the two thirds.
    const growth = growthOf(values.map(({ value }) => value));
    checkTarget(`${kind}, last third of the frames above the first third / a photo`, growth, { atMost: 0.8 });
  }
}

if (only !== 'memory') await simulate();
if (only !== 'simulation') await measureMemory();
