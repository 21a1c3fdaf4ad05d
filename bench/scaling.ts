// Simulates arrival curves through the scaling policy of the worker on AWS: how long until a spin is visible, what it costs,
// and how much of the paid CPU time is idle. Then the same with other constants. Simulated time, deterministic: --seed N.
// --original 0.26 and --preview 0.11 are the seconds of CPU of an upload, --start 60 those until a new task runs; --write
// updates docs/. All constants of the policy come from infra/, so that the simulation judges what is deployed.
import { readFileSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import type { ScalingPolicy } from './scaling/autoscaler.ts';
import { type Curve, makeCurves, secondsUntilVisible, uploadsOf } from './scaling/curves.ts';
import { drawRuns } from './scaling/draw-runs.ts';
import { type Machine, type Outcome, simulate } from './scaling/simulate.ts';
import { markdownTable, writeSection } from './support/docs-section.ts';
import { checkTarget, numberOption, printTable, quantile } from './support/figures.ts';

const read = (file: string) => JSON.parse(readFileSync(file, 'utf8'));
const prices = read('infra/prices.json');
const { worker } = read('infra/environments/prod.json');
const deployed: ScalingPolicy = {
  ...read('infra/worker-scaling.json'),
  backlogPerTask: worker.backlogPerTask,
  minTasks: worker.tasks.minTasks,
  maxTasks: worker.tasks.maxTasks,
};
const [cores, gb] = [worker.tasks.cpu / 1024, worker.tasks.memoryMb / 1024];

const seed = numberOption('seed', 1);
const times = {
  // docs/performance.md, the worker: 204 ms for the imaging of an original and 56 ms for storage, queue and rows. A preview
  // of 1280 pixels takes 0.28 of the imaging, measured side by side.
  cpu: { original: numberOption('original', 0.26), preview: numberOption('preview', 0.11) },
  // Assumed: a preview is sent in 1 s and an original in 4 s, on average.
  send: { original: 4, preview: 1 },
};
/** Half of the 3 s between two polls of the portal. */
const pollSeconds = 1.5;
const startSeconds = numberOption('start', 60);
const waitSeconds = 0.2;
const sloSeconds = 60;

interface Result {
  readonly outcome: Outcome;
  readonly seconds: readonly number[];
  readonly dollars: number;
  readonly idle: number;
}

const curves = makeCurves(seed);
const loads = new Map(curves.map((curve) => [curve, uploadsOf(curve.starts, times, seed)]));
const cpuPerSpin = 24 * (times.cpu.original + times.cpu.preview);

function play(curve: Curve, policy: ScalingPolicy): Result {
  const load = loads.get(curve);
  if (load === undefined) throw new Error(`no uploads for ${curve.name}`);
  const { slow } = curve;
  const machine: Machine = {
    cores,
    slots: cores + 2,
    startSeconds,
    waitSeconds: (now) => waitSeconds + (slow !== undefined && now >= slow.from && now < slow.to ? slow.addSeconds : 0),
    thumbnailEvents: 3,
    thumbnailEventSeconds: 0.02,
    metricDelaySeconds: 60,
    visibilitySeconds: 60,
  };
  const needed = Math.ceil((curve.warmSpinsPerSecond * cpuPerSpin) / cores / 0.7);
  const initialTasks = Math.min(policy.maxTasks, Math.max(policy.minTasks, needed));
  const { loss, seconds } = curve;
  const outcome = simulate({ arrivals: load.arrivals, policy, machine, initialTasks, seconds, loss });
  const waits = secondsUntilVisible(curve, load.frames, outcome.doneAt).map((value) => value + pollSeconds);
  const hour = cores * prices.fargateArmVcpuHour + gb * prices.fargateArmGbHour;
  return {
    outcome,
    seconds: waits,
    dollars: (outcome.paidSeconds / 3600) * hour,
    idle: 1 - outcome.busySeconds / (outcome.paidSeconds * cores),
  };
}

const late = (seconds: readonly number[]) =>
  percent(seconds.filter((value) => value > sloSeconds).length / seconds.length);
const results = curves.map((curve) => ({ curve, ...play(curve, deployed) }));
const figures = table('The policy of prod', [
  [
    'curve',
    'spins',
    'last photo to all visible, s: p50',
    'p95',
    'longest',
    `over ${sloSeconds} s`,
    'tasks: average',
    'most',
    'cost, $',
    'per 1,000 spins, $',
    'idle',
  ],
  ...results.map(({ curve, outcome, seconds, dollars, idle }) => {
    const tasks = outcome.samples.map((sample) => sample.tasks);
    return [
      curve.name,
      String(curve.starts.length),
      ...[quantile(seconds, 0.5), quantile(seconds, 0.95), Math.max(...seconds)].map((value) => value.toFixed(0)),
      late(seconds),
      (tasks.reduce((sum, count) => sum + count, 0) / tasks.length).toFixed(1),
      String(Math.max(...tasks)),
      dollars.toFixed(2),
      ((1000 * dollars) / curve.starts.length).toFixed(2),
      percent(idle),
    ];
  }),
]);

const { ageSteps } = deployed;
const steps = (factor: number) => ageSteps.map((step) => ({ ...step, addPercent: step.addPercent * factor }));
const variants: readonly (readonly [words: string, changes: readonly Partial<ScalingPolicy>[]])[] = [
  ['no CPU target', [{ cpuPercent: null }]],
  ['CPU target', [40, 50, 70, 80].map((cpuPercent) => ({ cpuPercent }))],
  ['backlog per task', [20, 100, 2000].map((backlogPerTask) => ({ backlogPerTask }))],
  ['age steps', [{ ageSteps: [] }, { ageSteps: steps(0.5) }, { ageSteps: steps(2) }]],
  ['scale-out cooldown', [{ scaleOutCooldownSeconds: 180 }]],
  ['scale-in cooldown', [60, 900].map((scaleInCooldownSeconds) => ({ scaleInCooldownSeconds }))],
  ['fewest tasks', [1, 4, 8].map((minTasks) => ({ minTasks }))],
];
const sensitivity = table('The same with one constant changed: p95 and cost', [
  ['change', ...curves.map(({ name }) => name)],
  ['as deployed', ...results.map(cell)],
  ...variants.flatMap(([words, changes]) =>
    changes.map((change) => [
      `${words} ${wordsOf(change)}`.trim(),
      ...curves.map((curve) => cell(play(curve, { ...deployed, ...change }))),
    ]),
  ),
]);

for (const { curve, outcome } of results)
  if (!outcome.processed.every((times) => times === 1))
    throw new Error(`${curve.name}: not every message exactly once`);
for (const name of ['monday', 'loss']) {
  const { seconds } = results.find(({ curve }) => curve.name === name) ?? { seconds: [] };
  checkTarget(`p95 of ${name}, s`, quantile(seconds, 0.95), { atMost: sloSeconds });
}
if (process.argv.includes('--write')) await write();

function cell({ seconds, dollars }: Pick<Result, 'seconds' | 'dollars'>): string {
  return `${quantile(seconds, 0.95).toFixed(0)} s, $${dollars.toFixed(2)}`;
}

function wordsOf(change: Partial<ScalingPolicy>): string {
  const [[name, value] = ['', null]] = Object.entries(change);
  if (name === 'ageSteps')
    return (
      change.ageSteps?.map(({ fromSeconds, addPercent }) => `+${addPercent} % from ${fromSeconds} s`).join(', ') ||
      'none'
    );
  if (value === null) return '';
  return `${value}${name === 'cpuPercent' ? ' %' : name.endsWith('Seconds') ? ' s' : ''}`;
}

function table(title: string, rows: readonly (readonly string[])[]) {
  const [first = [], ...others] = rows;
  console.log(`${title}:\n`);
  printTable(first, others);
  console.log();
  return { title, rows };
}

async function write(): Promise<void> {
  await writeFile(
    'docs/images/scaling.svg',
    drawRuns(
      results.map(({ curve, outcome }) => ({ title: `${curve.name}: ${curve.words}`, samples: outcome.samples })),
    ),
  );
  const age = ageSteps.map(({ fromSeconds, addPercent }) => `${addPercent} % more from ${fromSeconds} s`).join(', ');
  const { backlogPerTask, cpuPercent, minTasks, maxTasks } = deployed;
  await writeSection('scaling', [
    `Simulated by \`npm run bench -- scaling ${process.argv.slice(2).join(' ')}\`: tasks of ${cores} vCPU, ${minTasks} to ${maxTasks} of them, a CPU`,
    `target of ${cpuPercent} %, a backlog target of ${backlogPerTask} messages per task, by the age of the oldest message ${age}.`,
    '',
    '![Running tasks and waiting messages](images/scaling.svg)',
    ...[figures, sensitivity].flatMap(({ title, rows }) => ['', `${title}:`, '', ...markdownTable(rows)]),
  ]);
}

function percent(share: number): string {
  return `${(share * 100).toFixed(0)} %`;
}
