import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type LocalCloud, startLocalCloud } from '@spinbay/local-cloud';
import { ensurePhotoBucket } from '@spinbay/local-cloud/set-up';
import { startTestPostgres, type TestPostgres } from '@spinbay/local-postgres/testing';
import { createLogger } from '@spinbay/runtime';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createObjects } from './objects.ts';
import { checkStore, type Finding, type StoreToCheck } from './testing.ts';

const credentials = { accessKeyId: 'AKIDTEST', secretAccessKey: 'a secret of the test' };
const origins = ['http://127.0.0.1:4100', 'http://127.0.0.1:4200'];
const optionsAt = (endpoint: string) => ({ endpoint, region: 'us-east-1', bucket: 'photos', credentials });

let folder: string;
let postgres: TestPostgres;
let cloud: LocalCloud;
const servers: Server[] = [];
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'spinbay-store-test-'));
  postgres = await startTestPostgres();
  cloud = await startLocalCloud({
    host: '127.0.0.1',
    port: 0,
    dataDir: join(folder, 'objects'),
    databaseUrl: postgres.url,
    accessKeys: [credentials],
    region: 'us-east-1',
    log: createLogger({ name: 'cloud', level: 'silent' }),
  });
  await ensurePhotoBucket({ ...optionsAt(cloud.url), corsOrigins: origins });
});
afterAll(async () => {
  for (const server of servers) server.close();
  await cloud?.close();
  await postgres?.stop();
  await rm(folder, { recursive: true, force: true });
});

async function serve(listener: RequestListener): Promise<string> {
  const server = createServer(
    (request, response) => void request.resume().on('end', () => listener(request, response)),
  );
  servers.push(server);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

async function findingsOf(options: StoreToCheck['options']): Promise<Finding[]> {
  const findings: Finding[] = [];
  for await (const finding of checkStore({ options, origins })) findings.push(finding);
  return findings;
}
const faultsOf = (findings: readonly Finding[]) => findings.filter(({ fault }) => fault !== null);

test('the local server does everything that Spinbay needs of an object store, and no object is left', async () => {
  const findings = await findingsOf(optionsAt(cloud.url));
  expect(faultsOf(findings)).toEqual([]);
  expect(findings.length).toBeGreaterThan(20);
  const objects = createObjects(optionsAt(cloud.url));
  expect(await objects.list('')).toEqual([]);
  objects.close();
});

test('each call is missed in a store that accepts everything or in one that refuses everything', async () => {
  const everything = await serve((_, response) => {
    response.writeHead(200, { 'access-control-allow-origin': '*', 'access-control-allow-headers': '*' }).end();
  });
  const nothing = await serve((request, response) => {
    response.writeHead(request.url === '/photos' || request.url === '/photos/' ? 200 : 403).end();
  });
  const [accepting, refusing] = await Promise.all([everything, nothing].map((url) => findingsOf(optionsAt(url))));
  const missed = new Set([...faultsOf(accepting ?? []), ...faultsOf(refusing ?? [])].map(({ call }) => call));
  const [reachable, ...others] = (accepting ?? []).map(({ call }) => call);
  expect(others.filter((call) => !missed.has(call))).toEqual([]);
  expect(missed).not.toContain(reachable);
});

test('a store that cannot be reached, or has no such bucket, is reported once', async () => {
  const [gone] = await findingsOf({ ...optionsAt(cloud.url), bucket: 'no-such-bucket' });
  expect(gone).toMatchObject({ needed: true, fault: expect.stringContaining('does not exist') });
  const away = await findingsOf(optionsAt('http://127.0.0.1:1'));
  expect(away).toMatchObject([{ needed: true, fault: expect.stringContaining('does not answer') }]);
});

test('tags are not checked with S3_TAGS=off', async () => {
  const findings = await findingsOf({ ...optionsAt(cloud.url), tags: false });
  expect(faultsOf(findings)).toEqual([]);
  expect(findings.filter(({ call }) => /\btags\b/.test(call))).toEqual([]);
});
