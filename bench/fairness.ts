// The effect of one organization's full load on another: the p95 of a person who works in one organization, alone and while
// a device or person of another one sends as many requests as possible, on one route after the other.
import { fork } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import autocannon, { type Request } from 'autocannon';
import type { QuietPerson } from './peers/quiet-person.ts';
import { startServer } from './support/database.ts';
import { checkTarget, numberOption, printTable, quantile } from './support/figures.ts';
import { deviceId, generate, orgId, sessionId, siteId, sitesPerOrg, userId } from './support/generate.ts';
import { type Measured, startApi } from './support/processes.ts';
import { makeKeys } from './support/tokens.ts';

const seconds = numberOption('seconds', 5);
const connections = numberOption('connections', 100);
const sessions = numberOption('sessions', 20_000);
const warmUpMs = 1_000;
/** The noisy organization is 0, with the even sessions; the quiet one is 1, with the odd ones. */
const volume = { sessions, orgs: 2 };

interface Flood {
  readonly name: string;
  readonly request: (number: number) => Request;
}

const keys = await makeKeys();
const server = await startServer();
const started: Measured[] = [];
try {
  const database = await server.database('bench');
  await generate(database, volume);
  const api = await startApi({ databaseUrl: database.appUrl, signingKeys: keys.file, poolSize: 10 });
  started.push(api);
  const [noisy, quiet, device] = [await personOf(0), await personOf(1), await deviceOf(0)];
  const rows: string[][] = [];
  const ratios: [name: string, ratio: number][] = [];
  const all = floods(noisy, device);
  for (const flood of all) await workUnderLoad(api, quiet, flood, warmUpMs);
  for (const flood of all) {
    const alone = await work(api, quiet, seconds * 1_000);
    const { latencies, answered } = await workUnderLoad(api, quiet, flood, seconds * 1_000);
    const [before, beside] = [quantile(alone, 0.95), quantile(latencies, 0.95)];
    ratios.push([flood.name, beside / before]);
    rows.push([
      flood.name,
      before.toFixed(1),
      beside.toFixed(1),
      (beside / before).toFixed(2),
      String(latencies.length),
      answered,
    ]);
  }
  console.log(`  ${connections} connections of one caller, ${sessions} sessions, ${seconds} s each\n`);
  printTable(
    ['one organization floods', 'alone p95 ms', 'under load p95 ms', 'ratio', 'requests', 'the flood got'],
    rows,
  );
  console.log();
  for (const [name, ratio] of ratios) checkTarget(`p95 under load of ${name} / alone`, ratio, { atMost: 3 });
  await database.admin.end();
} finally {
  for (const process of started) await process.stop();
  await server.stop();
  await keys.remove();
}

function floods(person: string, device: string): Flood[] {
  const get = (path: (number: number) => string) => (number: number) =>
    ({ method: 'GET', path: path(number), headers: { authorization: `Bearer ${person}` } }) as const;
  const post = (path: string, body: (number: number) => unknown) => (number: number) =>
    ({
      method: 'POST',
      path,
      headers: { authorization: `Bearer ${device}`, 'content-type': 'application/json' },
      body: JSON.stringify(body(number)),
    }) as const;
  const noisySession = (number: number) => sessionId((number * 2) % sessions);
  const active = (number: number) => sessionId(sessions - 2 - ((number * 2) % (sessions / 100)));
  return [
    { name: 'searches', request: get((number) => `/sessions?q=K0&limit=200&offset=${number % 900}`) },
    { name: 'lists', request: get((number) => `/sessions?limit=200&offset=${number % 900}`) },
    { name: 'galleries', request: get((number) => `/images?session_id=${noisySession(number)}`) },
    { name: 'the delivery report', request: get(() => '/promise?days=90') },
    {
      name: 'presigns',
      request: post('/presign/batch', (number) => ({
        session_id: active(number),
        frames: Array.from({ length: 24 }, (_, frame) => ({
          image_id: randomUUID(),
          file_name: `angle_${String(frame * 15).padStart(3, '0')}.jpg`,
          content_type: 'image/jpeg',
          content_sha256: (randomUUID() + randomUUID()).replaceAll('-', ''),
        })),
      })),
    },
    {
      name: 'events',
      request: post('/events', (number) =>
        Array.from({ length: 100 }, () => ({
          entity_type: 'session',
          entity_id: active(number),
          type: 'capture.frame_queued',
        })),
      ),
    },
    { name: 'requests without a token', request: () => ({ method: 'GET', path: '/sessions', headers: {} }) },
  ];
}

async function personOf(org: number): Promise<string> {
  const siteIds = Array.from({ length: sitesPerOrg }, (_, site) => siteId(org, site));
  return (await keys.tokens.forUser({ id: userId(org), orgId: orgId(org), siteIds, role: 'reviewer' })).token;
}

async function deviceOf(org: number): Promise<string> {
  return (await keys.tokens.forDevice({ id: deviceId(org), orgId: orgId(org) })).token;
}

/**
 * The requests of the quiet reviewer, in a separate process: the flood occupies the event loop of this one.
 * @returns the duration of each, in milliseconds
 */
async function work({ url }: Measured, token: string, forMs: number): Promise<number[]> {
  const person = fork('node_modules/.cache/spinbay-bench/peers/quiet-person.mjs');
  const ended = once(person, 'exit');
  const latencies = once(person, 'message') as Promise<[number[]]>;
  person.send({ url, token, forMs, sessions } satisfies QuietPerson);
  const [found] = await Promise.race([
    latencies,
    ended.then(([code]) => Promise.reject(new Error(`the quiet person ended with status ${code}`))),
  ]);
  await ended;
  return found;
}

async function workUnderLoad(api: Measured, token: string, flood: Flood, forMs: number) {
  let sent = 0;
  const setupRequest = (request: Request) => {
    sent += 1;
    return { ...request, ...flood.request(sent) };
  };
  const flooding = autocannon({ url: api.url, connections, duration: forMs / 1_000 + 1, requests: [{ setupRequest }] });
  // The load has reached its maximum by then.
  await new Promise((resolve) => setTimeout(resolve, 500));
  const latencies = await work(api, token, forMs);
  const { statusCodeStats } = await flooding;
  const answered = Object.entries(statusCodeStats).map(([status, { count }]) => `${count} x ${status}`);
  return { latencies, answered: answered.join(', ') };
}
