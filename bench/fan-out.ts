// 500 portals on one API process, each polling every 3 s with its own token and ETag while sessions change from time
// to time: latency, CPU and database statements per poll, compared to the same load on a bare Fastify server with the same
// SQL by hand. --portals N, --seconds N, --changes N (a second).
import { setTimeout as sleep } from 'node:timers/promises';
import { type BenchDatabase, startServer } from './support/database.ts';
import { checkTarget, numberOption, printTable, quantile } from './support/figures.ts';
import {
  framesPerSession,
  generate,
  orgId,
  orgOf,
  sessionId,
  siteId,
  sitesPerOrg,
  userId,
} from './support/generate.ts';
import { createGetter } from './support/http.ts';
import { type Measured, startApi, startBareApi } from './support/processes.ts';
import { makeKeys } from './support/tokens.ts';

const portals = numberOption('portals', 500);
const seconds = numberOption('seconds', 60);
const changesPerSecond = numberOption('changes', 5);
const intervalMs = 3_000;
const warmUpMs = 3 * intervalMs;
const poolSize = 10;
const volume = { sessions: 1_000, orgs: 10 };
/** The number of watched sessions, the newest ones. Several portals watch each of them. */
const watched = 100;

interface Load {
  readonly latencies: number[];
  readonly unchanged: number;
  /** Polls that were due before the previous one was answered. */
  readonly skipped: number;
  /** Share of one core. */
  readonly cpuShare: number;
  readonly cpuMsPerPoll: number;
  readonly rssMb: number;
  readonly statementsPerPoll: number;
}

const keys = await makeKeys();
const server = await startServer({ shared_preload_libraries: "'pg_stat_statements'" });
const started: Measured[] = [];
try {
  const database = await server.database('bench');
  await generate(database, volume);
  await database.admin.query('create extension pg_stat_statements');
  const api = await startApi({ databaseUrl: database.appUrl, signingKeys: keys.file, poolSize });
  started.push(api);
  const bare = await startBareApi({ databaseUrl: database.adminUrl, poolSize });
  started.push(bare);
  const tokens = await Promise.all(Array.from({ length: portals }, (_, portal) => tokenOf(database, portal)));
  const session = (portal: number) => volume.sessions - 1 - (portal % watched);
  const ofApi = await run(database, api, 'spinbay_app', (portal) => ({
    path: `/images?session_id=${sessionId(session(portal))}`,
    headers: { authorization: `Bearer ${tokens[portal]}` },
  }));
  const ofBare = await run(database, bare, 'postgres', (portal) => ({
    path: `/images?session_id=${sessionId(session(portal))}&org_id=${orgId(orgOf(session(portal), volume))}`,
    headers: {},
  }));
  await database.admin.end();
  report(ofApi, ofBare);
} finally {
  for (const process of started) await process.stop();
  await server.stop();
  await keys.remove();
}

/** A separate reviewer for a portal, in the organization of its session. */
async function tokenOf({ admin }: BenchDatabase, portal: number): Promise<string> {
  const number = orgOf(volume.sessions - 1 - (portal % watched), volume);
  const org = orgId(number);
  const siteIds = Array.from({ length: sitesPerOrg }, (_, site) => siteId(number, site));
  const id = userId(volume.orgs + portal);
  await admin.query(`insert into users (org_id, id, email, name, role) values ($1, $2, $3, 'Reviewer', 'reviewer')`, [
    org,
    id,
    `portal${portal}@bench.test`,
  ]);
  await admin.query('insert into user_site_access (org_id, user_id, site_id) select $1, $2, unnest($3::uuid[])', [
    org,
    id,
    siteIds,
  ]);
  return (await keys.tokens.forUser({ id, orgId: org, siteIds, role: 'reviewer' })).token;
}

/** Runs all portals for the given time, with their polls spread over the interval. */
async function run(
  { admin }: BenchDatabase,
  measured: Measured,
  role: string,
  request: (portal: number) => { path: string; headers: Record<string, string> },
): Promise<Load> {
  const getter = createGetter({ maxSockets: portals });
  const latencies: number[] = [];
  let unchanged = 0;
  let skipped = 0;
  // All portals open their sessions within the first interval. Measuring starts afterwards.
  const begin = performance.now() + warmUpMs;
  const end = begin + seconds * 1_000;
  const poll = async (portal: number) => {
    const { path, headers } = request(portal);
    let etag = '';
    let due = performance.now() + (portal / portals) * intervalMs;
    while (due < end) {
      await sleep(Math.max(0, due - performance.now()));
      const answer = await getter.get(measured.url + path, { ...headers, 'if-none-match': etag });
      if (answer.status !== 200 && answer.status !== 304) throw new Error(`a poll was answered ${answer.status}`);
      // Measured from the due time, so that a late sender does not hide a slow reply.
      if (due >= begin) {
        latencies.push(performance.now() - due);
        if (answer.status === 304) unchanged += 1;
      }
      etag = answer.etag;
      // Like a portal: one poll at a time. Polls that are missed are skipped.
      const late = Math.max(0, Math.floor((performance.now() - due) / intervalMs));
      if (due >= begin) skipped += late;
      due += (1 + late) * intervalMs;
    }
  };
  const changing = new AbortController();
  const changes = change(admin, changing.signal);
  const polls = Promise.all(Array.from({ length: portals }, (_, portal) => poll(portal)));
  await Promise.race([polls, sleep(warmUpMs)]);
  await admin.query('select pg_stat_statements_reset()');
  const before = await measured.usage();
  await polls;
  const after = await measured.usage();
  changing.abort();
  await changes;
  getter.close();
  const { rows } = await admin.query<{ calls: number }>(
    'select sum(calls)::int as calls from pg_stat_statements s join pg_roles r on r.oid = s.userid where rolname = $1 and query !~* $2',
    // Leaves out the superuser's statements: changes and these queries.
    [role, '^update images|pg_stat_statements'],
  );
  const cpuMs = after.cpuMs - before.cpuMs;
  return {
    latencies,
    unchanged,
    skipped,
    cpuShare: cpuMs / (seconds * 1_000),
    cpuMsPerPoll: cpuMs / latencies.length,
    rssMb: after.rssMb,
    statementsPerPoll: (rows[0]?.calls ?? 0) / latencies.length,
  };
}

/** Simulates arriving photos: one frame of a watched session is measured again. */
async function change(admin: BenchDatabase['admin'], signal: AbortSignal): Promise<void> {
  for (let n = 0; !signal.aborted; n += 1) {
    const session = volume.sessions - 1 - (n % watched);
    await admin.query(
      `update images set processed_at = now() where org_id = $1 and session_id = $2 and angle_deg = $3`,
      [orgId(orgOf(session, volume)), sessionId(session), (n % framesPerSession) * (360 / framesPerSession)],
    );
    await sleep(1_000 / changesPerSecond);
  }
}

function report(api: Load, bare: Load): void {
  const row = (name: string, pick: (load: Load) => number, digits: number) => [
    name,
    pick(api).toFixed(digits),
    pick(bare).toFixed(digits),
    (pick(api) / pick(bare)).toFixed(2),
  ];
  console.log(`  ${portals} portals, a poll every 3 s, ${seconds} s, ${changesPerSecond} changes a second\n`);
  printTable(
    ['', 'API', 'bare', 'ratio'],
    [
      row('polls', (load) => load.latencies.length, 0),
      row('share unchanged', (load) => load.unchanged / load.latencies.length, 2),
      row('p50 ms', (load) => quantile(load.latencies, 0.5), 2),
      row('p99 ms', (load) => quantile(load.latencies, 0.99), 2),
      row('CPU, of one core', (load) => load.cpuShare, 3),
      row('CPU ms per poll', (load) => load.cpuMsPerPoll, 3),
      row('resident MB', (load) => load.rssMb, 0),
      row('statements per poll', (load) => load.statementsPerPoll, 2),
    ],
  );
  console.log();
  checkTarget('polls that were due before the last one was answered', api.skipped, { atMost: 0 });
  checkTarget('p99 of a poll / its interval', quantile(api.latencies, 0.99) / intervalMs, { atMost: 0.1 });
  checkTarget('CPU of 500 portals / one core', (api.cpuShare * 500) / portals, { atMost: 0.5 });
}
