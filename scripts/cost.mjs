// `node scripts/cost.mjs [--check]`: writes docs/cost.md from the list prices of infra/prices.json, or checks that it is up
// to date. The constants below describe the bytes and the work of a spin.
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const prices = JSON.parse(readFileSync(join(root, 'infra/prices.json'), 'utf8'));
const hours = 730;
const days = 30.4;

const spin = {
  frames: 24,
  /** Average of a 12-megapixel phone photo. */
  originalMb: 3.7,
  /** The three thumbnails of a photo. */
  thumbnailsMb: 0.35,
  /** CPU time of the worker per photo: decoding, measuring, three thumbnails, transfers. */
  workerCpuSeconds: 0.35,
  /** API calls: sign-in, session, presigns in batches, a reviewer's polls for two minutes, publishing. */
  apiRequests: 120,
  /** How often each frame is viewed or downloaded. */
  views: 30,
  logMb: 0.15,
  rowsKb: 24 * 3,
  keptMonths: 12,
};

/** Dealers work ten hours a day, and the busiest hour has three times the average load. */
const peak = (24 / 10) * 3;

const sizes = {
  10: {
    database: 't4g.medium',
    redis: 'cache.t4g.micro',
    zones: 2,
    multiAz: true,
    nat: 0,
    api: [2, 0.5, 1],
    worker: [1, 1, 2],
  },
  1000: {
    database: 'm7g.large',
    redis: 'cache.t4g.small',
    zones: 2,
    multiAz: true,
    nat: 1,
    api: [2, 1, 2],
    worker: [2, 2, 4],
  },
  100000: {
    database: 'r7g.2xlarge',
    redis: 'cache.m7g.large',
    zones: 3,
    multiAz: true,
    nat: 2,
    api: [3, 2, 4],
    worker: [2, 4, 8],
  },
};

/** The average number of running tasks at 50 % utilization, but at least the minimum. */
function tasks(minTasks, busyVcpu, vcpu) {
  return Math.max(minTasks, busyVcpu / 0.5 / vcpu);
}

function costOf(spinsADay) {
  const size = sizes[spinsADay];
  const spins = spinsADay * days;
  const frames = spins * spin.frames;
  const gb = (frames * (spin.originalMb + spin.thumbnailsMb)) / 1000;
  const [apiMin, apiVcpu, apiGb] = size.api;
  const [workerMin, workerVcpu, workerGb] = size.worker;
  const month = days * 24 * 3600;
  // A request takes about 4 ms of CPU.
  const apiTasks = tasks(apiMin, (spins * spin.apiRequests * 0.004) / month, apiVcpu);
  const workerTasks = tasks(workerMin, (frames * spin.workerCpuSeconds) / month, workerVcpu);
  const fargate = (count, vcpu, memory) =>
    count * hours * (vcpu * prices.fargateArmVcpuHour + memory * prices.fargateArmGbHour);
  const views = spins * spin.views * spin.frames;
  const endpoints = 5 * size.zones;
  const databaseGb = 50 + (spins * spin.keptMonths * spin.rowsKb) / 1e6;
  const requests = spins * spin.apiRequests;
  return {
    'Photos kept for a year (S3)': gb * spin.keptMonths * prices.s3GbMonth,
    'Requests to S3': ((frames * 4) / 1000) * prices.s3Put1000 + ((frames + views) / 1000) * prices.s3Get1000,
    'Worker (Fargate)': fargate(workerTasks, workerVcpu, workerGb),
    // One task of the smallest size.
    'Eraser (Fargate)': fargate(1, 0.25, 0.5),
    'API (Fargate)': fargate(apiTasks, apiVcpu, apiGb),
    'Database (RDS)':
      prices.rdsMultiAzFactor * (hours * prices.rdsHour[size.database] + databaseGb * prices.rdsGp3GbMonth),
    'Redis (ElastiCache)': size.zones * hours * prices.redisHour[size.redis],
    'Thumbnails to browsers (egress)': ((views * 0.03) / 1000) * prices.egressGb,
    'Queue (SQS)': ((frames * 5 * 4) / 1e6) * prices.sqsMillion,
    'Load balancer and firewall':
      hours * (prices.albHour + Math.max(1, (requests / month / 25) * peak) * prices.albLcuHour) +
      prices.wafMonth +
      4 * prices.wafRuleMonth +
      (requests / 1e6) * prices.wafMillion,
    'Network: endpoints, NAT, addresses':
      hours *
      (endpoints * prices.interfaceEndpointHour +
        size.nat * prices.natHour +
        (size.zones + (size.nat === 0 ? apiTasks : size.nat)) * prices.publicIpv4Hour),
    'Logs, alarms, secrets, keys':
      ((spins * spin.logMb) / 1000) * prices.logsGb +
      // An alarm is billed for each of its metrics: those of the burn rates and of the share of 5xx have two.
      23 * prices.alarmMonth +
      2 * prices.compositeAlarmMonth +
      prices.dashboardMonth +
      5 * prices.secretMonth +
      prices.kmsKeyMonth,
  };
}

function table() {
  const counts = Object.keys(sizes).map(Number);
  const costs = counts.map(costOf);
  const sums = costs.map((cost) => Object.values(cost).reduce((sum, value) => sum + value, 0));
  const dollars = (value) => `$${value < 10 ? value.toFixed(2) : Math.round(value).toLocaleString('en')}`;
  const lines = Object.keys(costs[0]).map((name) => {
    const cells = costs.map((cost, k) => `${dollars(cost[name])} (${Math.round((100 * cost[name]) / sums[k])} %)`);
    return `| ${name} | ${cells.join(' | ')} |`;
  });
  const perSpin = counts.map((count, k) => `**$${(sums[k] / (count * days)).toPrecision(2)}**`);
  const first = costs.map((cost) =>
    Object.entries(cost)
      .sort(([, a], [, b]) => b - a)[0][0]
      .replace(/ \(.*/, '')
      .toLowerCase(),
  );
  return [
    `| cost per month, for spins per day | ${counts.map((count) => count.toLocaleString('en')).join(' | ')} |`,
    `| --- | ${counts.map(() => '---:').join(' | ')} |`,
    ...lines,
    `| **total** | ${sums.map((sum) => `**${dollars(sum)}**`).join(' | ')} |`,
    `| **per spin** | ${perSpin.join(' | ')} |`,
    `| largest part | ${first.join(' | ')} |`,
  ].join('\n');
}

const text = `# Costs on AWS

\`node scripts/cost.mjs\` writes this page from \`infra/prices.json\` (${prices.region}, ${prices.date}). ${prices.source}
The table is an estimate: nobody has received a bill yet.

${table()}

A spin is ${spin.frames} photos of ${spin.originalMb} MB with ${spin.thumbnailsMb} MB of thumbnails, kept for ${spin.keptMonths} months. The storage row shows the
twelfth month. The worker needs ${spin.workerCpuSeconds} s of CPU per photo, and its tasks are half busy on average. A spin makes ${spin.apiRequests} API requests of
4 ms each, and its frames are viewed ${spin.views} times. The script sets the sizes of the database, Redis and the tasks for each column. The number
of tasks is the average that autoscaling would run, and not below the configured minimum.

- With few spins, the parts that always run dominate: database, endpoints, load balancer. A single machine with \`npm start\` costs a
  twentieth of that, without a second zone.
- With many spins, the stored photos dominate. To save money, keep originals for a shorter time, or move them to a cheaper storage class
  after some months.
`;

const file = join(root, 'docs/cost.md');
if (!process.argv.includes('--check')) writeFileSync(file, text);
else if (readFileSync(file, 'utf8') !== text) {
  console.error('docs/cost.md does not match infra/prices.json. Run: node scripts/cost.mjs');
  process.exitCode = 1;
}
