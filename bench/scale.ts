// Whether the portal stays fast: every list, search, deep page and poll of the API over HTTP, with a
// thousand sessions and with 200 thousand, in one organization and spread over a thousand, in alternating rounds.
// --sessions N for more, --spread one|many|both, --plans to print whole plans.
import { type BenchDatabase, type BenchServer, startServer } from './support/database.ts';
import { checkTarget, choiceOption, numberOption, printTable, quantile } from './support/figures.ts';
import {
  eventsPerSession,
  framesPerSession,
  generate,
  orgId,
  orgOf,
  sessionId,
  siteId,
  sitesPerOrg,
  stockOf,
  userId,
  type Volume,
  vehicleId,
  vinOf,
} from './support/generate.ts';
import { createGetter } from './support/http.ts';
import { planSettings, readPlans } from './support/plans.ts';
import { type Measured, startApi } from './support/processes.ts';
import { makeKeys } from './support/tokens.ts';

const many = numberOption('sessions', 200_000);
const few = 1_000;
const rounds = numberOption('rounds', 6);
const requestsPerRound = numberOption('requests', 40);
const spread = choiceOption('spread', ['both', 'one', 'many'], 'both');

/** A database of one size with its own API. */
interface Side {
  readonly volume: Volume;
  readonly database: BenchDatabase;
  readonly api: Measured;
  /** Tokens of a reviewer of each organization, for all sites and for the site with few sessions. */
  readonly tokens: readonly { all: string; smallSite: string }[];
  /** Cursors of pages far down the list of organization 0. */
  readonly cursors: readonly string[];
}

interface Question {
  readonly name: string;
  /** A request for a random session. */
  readonly path: (session: number, side: Side) => string;
  readonly as?: 'all' | 'smallSite';
  readonly unchanged?: true;
  /** Only for organization 0. */
  readonly ofFirst?: true;
}

const randomBelow = (n: number) => Math.floor(Math.random() * n);
const lastSite = (session: number, { volume }: Side) => siteId(orgOf(session, volume), sitesPerOrg - 1);

/** Where the small database has fewer lines than a page, a limit makes both databases return the same number of lines. */
const questions: Question[] = [
  { name: 'sessions', path: () => '/sessions' },
  { name: 'sessions, 200 a page', path: () => '/sessions?limit=200' },
  { name: 'sessions of a site', path: (s, side) => `/sessions?site_id=${siteId(orgOf(s, side.volume), 0)}` },
  { name: 'sessions of a small site', path: (s, side) => `/sessions?limit=10&site_id=${lastSite(s, side)}` },
  { name: 'sessions, by a person of the small site', path: () => '/sessions?limit=10', as: 'smallSite' },
  { name: 'sessions, active', path: () => '/sessions?status=active&limit=10' },
  { name: 'sessions, completed', path: () => '/sessions?status=completed' },
  { name: 'sessions, abandoned', path: () => '/sessions?status=abandoned' },
  { name: 'sessions by mode', path: () => '/sessions?mode=studio360' },
  { name: 'sessions of a vehicle', path: (s) => `/sessions?vehicle_id=${vehicleId(s)}` },
  { name: 'sessions, offset 100', path: () => '/sessions?offset=100' },
  {
    name: 'sessions, a page far down',
    path: (_, { cursors }) => `/sessions?cursor=${cursors[randomBelow(cursors.length)]}`,
    ofFirst: true,
  },
  { name: 'search, a stock number', path: (s) => `/sessions?q=${stockOf(s)}` },
  { name: 'search, the start of many', path: () => '/sessions?q=K0' },
  { name: 'search, a VIN', path: (s) => `/sessions?q=${vinOf(s)}` },
  { name: 'search, end of a VIN', path: (s) => `/sessions?q=${vinOf(s).slice(-6)}` },
  { name: 'search, nothing found', path: () => '/sessions?q=QQQQQ' },
  { name: 'sites', path: () => '/sites' },
  { name: 'one session', path: (s) => `/sessions/${sessionId(s)}` },
  { name: 'poll, 24 frames', path: (s) => `/images?session_id=${sessionId(s)}` },
  { name: 'poll, unchanged', path: (s) => `/images?session_id=${sessionId(s)}`, unchanged: true },
];

const keys = await makeKeys();
const getter = createGetter({ maxSockets: 1 });
const server = await startServer({
  ...planSettings,
  shared_buffers: "'1GB'",
  maintenance_work_mem: "'512MB'",
  max_wal_size: "'4GB'",
  autovacuum: 'off',
});
try {
  if (spread !== 'many')
    await compare(server, 'In one organization', { sessions: few, orgs: 1 }, { sessions: many, orgs: 1 });
  if (spread !== 'one') {
    // Organizations of 200 sessions each, five of them or a thousand.
    const size = Math.ceil(many / 1_000);
    await compare(
      server,
      'Spread over 1,000 organizations',
      { sessions: size * 5, orgs: 5 },
      { sessions: size * 1_000, orgs: 1_000 },
    );
  }
} finally {
  getter.close();
  await server.stop();
  await keys.remove();
}

async function compare(on: BenchServer, title: string, small: Volume, large: Volume): Promise<void> {
  console.log(`\n${title}: ${count(small)} against ${count(large)}`);
  const sides: [Side, Side] = [await makeSide(on, 'small', small), await makeSide(on, 'large', large)];
  try {
    const rows: string[][] = [];
    const ratios: { name: string; p50: number; p95: number }[] = [];
    for (const question of questions) {
      const [a, b] = await ask(question, sides);
      const ratio = {
        name: question.name,
        p50: quantile(b, 0.5) / quantile(a, 0.5),
        p95: quantile(b, 0.95) / quantile(a, 0.95),
      };
      ratios.push(ratio);
      rows.push([
        question.name,
        ...[quantile(a, 0.5), quantile(b, 0.5)].map((ms) => ms.toFixed(2)),
        ratio.p50.toFixed(2),
        ...[quantile(a, 0.95), quantile(b, 0.95)].map((ms) => ms.toFixed(2)),
        ratio.p95.toFixed(2),
      ]);
    }
    console.log(`  ms over one connection, ${rounds} rounds of ${requestsPerRound} requests each\n`);
    printTable(['', 'p50 few', 'p50 many', 'ratio', 'p95 few', 'p95 many', 'ratio'], rows);
    console.log();
    for (const { name, p50, p95 } of ratios) {
      checkTarget(`${name}: p50, many / few`, p50, { atMost: 1.3 });
      checkTarget(`${name}: p95, many / few`, p95, { atMost: 1.3 });
    }
    await checkPlans(sides[1]);
  } finally {
    for (const side of sides) {
      await side.api.stop();
      await side.database.drop();
    }
  }
}

function count({ sessions }: Volume): string {
  const figure = (n: number) => n.toLocaleString('en');
  return `${figure(sessions)} sessions (${figure(sessions * framesPerSession)} images, ${figure(sessions * eventsPerSession)} events)`;
}

async function makeSide(on: BenchServer, name: string, volume: Volume): Promise<Side> {
  const database = await on.database(name);
  const began = performance.now();
  await generate(database, volume);
  const { rows } = await database.admin.query('select pg_database_size(current_database()) as bytes');
  const seconds = (performance.now() - began) / 1000;
  console.log(`  ${name}: generated in ${seconds.toFixed(0)} s, ${(rows[0].bytes / 1e9).toFixed(2)} GB`);
  const tokens = await Promise.all(Array.from({ length: volume.orgs }, (_, org) => reviewerTokens(org)));
  const api = await startApi({ databaseUrl: database.appUrl, signingKeys: keys.file, poolSize: 2 });
  const side = { volume, database, api, tokens, cursors: [] };
  return { ...side, cursors: await cursorsOf(side) };
}

async function reviewerTokens(org: number): Promise<{ all: string; smallSite: string }> {
  const sites = Array.from({ length: sitesPerOrg }, (_, site) => siteId(org, site));
  const token = async (siteIds: typeof sites) => {
    const user = { id: userId(org), orgId: orgId(org), siteIds, role: 'reviewer' as const };
    return (await keys.tokens.forUser(user)).token;
  };
  return { all: await token(sites), smallSite: await token(sites.slice(-1)) };
}

/** Follows the list of the first organization, up to 40,000 sessions. @returns the cursors of the second half */
async function cursorsOf(side: Side): Promise<string[]> {
  const cursors: string[] = [];
  const limit = side.volume.sessions / side.volume.orgs >= 1_000 ? 200 : 20;
  let path = `/sessions?limit=${limit}`;
  while (cursors.length < 200) {
    const { body } = await getAs(side, 0, 'all', path);
    const { next_cursor: next } = JSON.parse(body) as { next_cursor?: string | null };
    if (next === undefined || next === null) break;
    cursors.push(encodeURIComponent(next));
    path = `/sessions?limit=${limit}&cursor=${encodeURIComponent(next)}`;
  }
  // Leaves out the last cursor, whose page may not be full.
  const deep = cursors.slice(Math.floor(cursors.length / 2), -1);
  if (deep.length === 0) throw new Error('the list has no deep pages');
  return deep;
}

async function getAs({ api, tokens }: Side, org: number, as: 'all' | 'smallSite', path: string, etag = '') {
  const token = tokens[org]?.[as] ?? '';
  const answer = await getter.get(`${api.url}${path}`, { authorization: `Bearer ${token}`, 'if-none-match': etag });
  const expected = etag === '' ? 200 : 304;
  if (answer.status !== expected)
    throw new Error(`${path} was answered ${answer.status}, ${expected} was expected: ${answer.body}`);
  return answer;
}

/** The milliseconds of each side. Rounds alternate, so that the load of the machine affects both. */
async function ask(question: Question, sides: readonly [Side, Side]): Promise<[number[], number[]]> {
  const times: [number[], number[]] = [[], []];
  // The first round warms up.
  for (let round = 0; round <= rounds; round += 1) {
    for (const side of [0, 1] as const) {
      for (let n = 0; n < requestsPerRound; n += 1) {
        const ms = await askOnce(question, sides[side]);
        if (round > 0) times[side].push(ms);
      }
    }
  }
  return times;
}

async function askOnce({ path, as = 'all', unchanged, ofFirst }: Question, side: Side): Promise<number> {
  const { sessions, orgs } = side.volume;
  const session = ofFirst ? randomBelow(Math.floor(sessions / orgs)) * orgs : randomBelow(sessions);
  const org = orgOf(session, side.volume);
  const at = path(session, side);
  const first = await getAs(side, org, as, at);
  return unchanged ? (await getAs(side, org, as, at, first.etag)).ms : first.ms;
}

/** Runs each request once more, and checks the plans of its statements for sequential scans. */
async function checkPlans(side: Side): Promise<void> {
  const plans = readPlans(side.database);
  await plans.start();
  const api = await startApi({ databaseUrl: side.database.appUrl, signingKeys: keys.file, poolSize: 1 });
  try {
    const seen = new Set<string>();
    for (const question of questions) {
      await askOnce(question, { ...side, api });
      const taken = await plans.take();
      if (taken.length === 0) throw new Error(`${question.name}: no plan was logged`);
      for (const { text } of taken) {
        const shape = shapeOf(text);
        if (seen.has(shape) && !process.argv.includes('--plans')) continue;
        seen.add(shape);
        console.log(`\n  plan of "${question.name}"\n${process.argv.includes('--plans') ? text : shape}`);
      }
      const scanned = taken.flatMap((plan) => plan.scanned);
      if (scanned.length > 0) console.log(`  reads all of ${[...new Set(scanned)].join(', ')}`);
      checkTarget(`${question.name}: sequential scans of tables that grow`, scanned.length, { atMost: 0 });
    }
  } finally {
    await api.stop();
    await plans.stop();
  }
}

/** The nodes of a plan that read tables, without figures and conditions. */
function shapeOf(text: string): string {
  return text
    .split('\n')
    .filter((line) => / Scan/.test(line) && !/Subquery Scan|CTE Scan/.test(line))
    .map((line) => line.replace(/ {2}\(cost=.*?\)/, '').replace(/^\s*->\s*/, '    '))
    .join('\n');
}
