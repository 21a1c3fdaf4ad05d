// The cost of validation, tokens, row-level security and signing: requests per second and CPU per request of the API, each
// as a ratio to a bare Fastify server that runs the same SQL by hand (`peers/bare-api.ts`) in the same run.
import { randomUUID } from 'node:crypto';
import autocannon, { type Request } from 'autocannon';
import type { BenchDatabase } from './support/database.ts';
import { startServer } from './support/database.ts';
import { checkTarget, median, numberOption, printTable } from './support/figures.ts';
import { deviceId, devicesPerOrg, generate, orgId, sessionId } from './support/generate.ts';
import { type Measured, startApi, startBareApi } from './support/processes.ts';
import { makeKeys } from './support/tokens.ts';

const seconds = numberOption('seconds', 3);
const rounds = numberOption('rounds', 5);
const connections = numberOption('connections', 8);
const poolSize = 10;
const sessions = 200;
/**
 * The share of replies that may have another status: every half hour the URLs of a session change, and a poll gets a full
 * reply.
 */
const maxUnexpectedShare = 0.02;
/** Enough devices that none reaches its limit of requests per minute. */
const devices = 1_000;

interface Scenario {
  readonly name: string;
  readonly status: number;
  /** The request of the API, by a device. */
  readonly api: (number: number, device: number) => Request;
  readonly bare: (number: number, device: number) => Request;
}

interface Figures {
  readonly perSecond: number;
  /** CPU time of the server's process per request, in milliseconds. */
  readonly cpuMs: number;
}

const org = orgId(0);
const json = { 'content-type': 'application/json' };
const poll = (number: number) => `/images?session_id=${sessionId(number % sessions)}`;
const barePoll = (number: number) => `${poll(number)}&org_id=${org}`;
/** The device that created the polled session. Other devices may not read it after it is finished. */
const creator = (number: number) => (number % sessions) % devicesPerOrg;
/** An active session. Only the newest ones are active. */
const active = (number: number) => sessionId(sessions - 1 - (number % (sessions / 100)));
const presign = (number: number) => ({
  session_id: active(number),
  image_id: randomUUID(),
  content_type: 'image/jpeg',
  content_sha256: (randomUUID() + randomUUID()).replaceAll('-', ''),
  angle_deg: (number % 24) * 15,
});
const hundredEvents = (number: number) =>
  Array.from({ length: 100 }, () => ({
    id: randomUUID(),
    entity_type: 'session',
    entity_id: active(number),
    type: 'capture.frame_queued',
    meta: { attempt: 1 },
    occurred_at: '2026-05-04T09:30:00.000Z',
  }));

function scenarios(tokens: readonly string[], etags: { api: string[]; bare: string[] }): Scenario[] {
  const by = (device: number) => ({ authorization: `Bearer ${tokens[device]}` });
  return [
    {
      name: 'GET /images, 24 frames',
      status: 200,
      api: (number) => ({ method: 'GET', path: poll(number), headers: by(creator(number)) }),
      bare: (number) => ({ method: 'GET', path: barePoll(number) }),
    },
    {
      name: 'GET /images, unchanged',
      status: 304,
      api: (number) => ({
        method: 'GET',
        path: poll(number),
        headers: { ...by(creator(number)), 'if-none-match': etags.api[number % sessions] ?? '' },
      }),
      bare: (number) => ({
        method: 'GET',
        path: barePoll(number),
        headers: { 'if-none-match': etags.bare[number % sessions] ?? '' },
      }),
    },
    {
      name: 'POST /presign',
      status: 200,
      api: (number, device) => ({
        method: 'POST',
        path: '/presign',
        headers: { ...json, ...by(device) },
        body: JSON.stringify({ ...presign(number), file_name: 'IMG_0001.jpg' }),
      }),
      bare: (number) => ({
        method: 'POST',
        path: '/presign',
        headers: json,
        body: JSON.stringify({ org_id: org, ...presign(number) }),
      }),
    },
    {
      name: 'POST /events, 100',
      status: 201,
      api: (number, device) => ({
        method: 'POST',
        path: '/events',
        headers: { ...json, ...by(device) },
        body: JSON.stringify(hundredEvents(number)),
      }),
      bare: (number, device) => ({
        method: 'POST',
        path: '/events',
        headers: json,
        body: JSON.stringify({ org_id: org, actor_id: deviceId(0, device), events: hundredEvents(number) }),
      }),
    },
  ];
}

const keys = await makeKeys();
const server = await startServer();
const started: Measured[] = [];
try {
  const database = await server.database('bench');
  await generate(database, { sessions, orgs: 1 });
  const tokens = await addDevices(database);
  const api = await startApi({ databaseUrl: database.appUrl, signingKeys: keys.file, poolSize });
  started.push(api);
  const bare = await startBareApi({ databaseUrl: database.adminUrl, poolSize });
  started.push(bare);
  const etags = {
    api: await etagsOf(api, poll, (number) => tokens[creator(number)]),
    bare: await etagsOf(bare, barePoll, () => ''),
  };
  const renewEtags = async () => {
    etags.api = await etagsOf(api, poll, (number) => tokens[creator(number)]);
  };
  await measure(scenarios(tokens, etags), api, bare, renewEtags);
  await database.admin.end();
} finally {
  for (const process of started) await process.stop();
  await server.stop();
  await keys.remove();
}

async function measure(
  all: readonly Scenario[],
  api: Measured,
  bare: Measured,
  renewEtags: () => Promise<void>,
): Promise<void> {
  const results = new Map<string, { api: Figures; bare: Figures; rate: number; cpu: number }>();
  for (const scenario of all) {
    const pairs: { api: Figures; bare: Figures }[] = [];
    // The first round warms up.
    for (let round = 0; round <= rounds; round += 1) {
      await renewEtags();
      const pair = {
        bare: await load(bare, scenario.bare, scenario.status),
        api: await load(api, scenario.api, scenario.status),
      };
      if (round > 0) pairs.push(pair);
    }
    const mid = (pick: (pair: { api: Figures; bare: Figures }) => number) => median(pairs.map(pick));
    results.set(scenario.name, {
      api: { perSecond: mid((p) => p.api.perSecond), cpuMs: mid((p) => p.api.cpuMs) },
      bare: { perSecond: mid((p) => p.bare.perSecond), cpuMs: mid((p) => p.bare.cpuMs) },
      rate: mid((p) => p.api.perSecond / p.bare.perSecond),
      cpu: mid((p) => p.api.cpuMs / p.bare.cpuMs),
    });
  }
  console.log(
    `  ${connections} connections, ${poolSize} to the database, medians of ${rounds} rounds of ${seconds} s\n`,
  );
  printTable(
    ['', 'API req/s', 'bare req/s', 'ratio', 'API CPU ms', 'bare CPU ms', 'ratio'],
    [...results].map(([name, { api: a, bare: b, rate, cpu }]) => [
      name,
      a.perSecond.toFixed(0),
      b.perSecond.toFixed(0),
      rate.toFixed(2),
      a.cpuMs.toFixed(3),
      b.cpuMs.toFixed(3),
      cpu.toFixed(2),
    ]),
  );
  console.log();
  for (const [name, { rate }] of results)
    checkTarget(`${name}: requests per second, API / bare`, rate, { atLeast: 0.7 });
  const [full, unchanged] = [...results.values()];
  if (full && unchanged)
    checkTarget('CPU of a poll with 24 frames / of one that is unchanged', full.api.cpuMs / unchanged.api.cpuMs, {
      atLeast: 5,
    });
}

/** One round: requests from all connections, and their cost for the server. */
async function load(server: Measured, make: Scenario['api'], status: number): Promise<Figures> {
  let sent = 0;
  const setupRequest = (request: Request) => {
    sent += 1;
    return { ...request, ...make(sent, sent % devices) };
  };
  const before = await server.usage();
  const result = await autocannon({ url: server.url, connections, duration: seconds, requests: [{ setupRequest }] });
  const after = await server.usage();
  const expected = result.statusCodeStats[status]?.count ?? 0;
  if (result.requests.total - expected > maxUnexpectedShare * result.requests.total || result.errors > 0)
    throw new Error(
      `answered ${JSON.stringify(result.statusCodeStats)}, ${result.errors} errors; ${status} was expected`,
    );
  const { total } = result.requests;
  return { perSecond: total / result.duration, cpuMs: (after.cpuMs - before.cpuMs) / total };
}

/** Additional devices, each with a token. */
async function addDevices({ admin }: BenchDatabase): Promise<string[]> {
  const ids = Array.from({ length: devices }, (_, device) => deviceId(0, device));
  await admin.query(
    `insert into devices (org_id, id, platform, model, app_version, secret_sha256)
    select $1, id, 'ios', 'iPhone 17', '1.0.0', 'none' from unnest($2::uuid[]) id on conflict do nothing`,
    [org, ids],
  );
  return Promise.all(ids.map(async (device) => (await keys.tokens.forDevice({ id: device, orgId: org })).token));
}

async function etagsOf(
  { url }: Measured,
  path: (number: number) => string,
  token: (number: number) => string | undefined,
): Promise<string[]> {
  const etags: string[] = [];
  for (let number = 0; number < sessions; number += 1) {
    const reply = await fetch(`${url}${path(number)}`, { headers: { authorization: `Bearer ${token(number)}` } });
    const { items } = (await reply.json()) as { items: unknown[] };
    if (reply.status !== 200 || items.length !== 24) throw new Error(`a poll was answered ${reply.status}`);
    etags.push(reply.headers.get('etag') ?? '');
  }
  return etags;
}
