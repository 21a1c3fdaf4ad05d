import { once } from 'node:events';
import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { ensurePhotoBucket } from '@spinbay/local-cloud/set-up';
import { startTestCloud, type TestCloud } from '@spinbay/local-cloud/testing';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createObjects } from './objects.ts';
import { checkStore, type Finding, type StoreToCheck } from './testing.ts';

const origins = ['http://127.0.0.1:4100', 'http://127.0.0.1:4200'];
const optionsAt = (endpoint: string) => ({ ...here, endpoint });

let cloud: TestCloud;
let here: TestCloud & { bucket: string };
const servers: Server[] = [];
beforeAll(async () => {
  cloud = await startTestCloud();
  here = { ...cloud, bucket: 'photos' };
  await ensurePhotoBucket({ ...here, corsOrigins: origins });
});
afterAll(async () => {
  for (const server of servers) server.close();
  await cloud?.stop();
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
  const findings = await findingsOf(here);
  expect(faultsOf(findings)).toEqual([]);
  expect(findings.length).toBeGreaterThan(20);
  const objects = createObjects(here);
  expect(await objects.list('')).toEqual([]);
  objects.close();
});

test('every call fails on a store that accepts everything or on one that refuses everything', async () => {
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
  const [gone] = await findingsOf({ ...here, bucket: 'no-such-bucket' });
  expect(gone).toMatchObject({ needed: true, fault: expect.stringContaining('does not exist') });
  const unreachable = await findingsOf(optionsAt('http://127.0.0.1:1'));
  expect(unreachable).toMatchObject([{ needed: true, fault: expect.stringContaining('does not answer') }]);
});

test('tags are not checked with S3_TAGS=off', async () => {
  const findings = await findingsOf({ ...here, tags: false });
  expect(faultsOf(findings)).toEqual([]);
  expect(findings.filter(({ call }) => /\btags\b/.test(call))).toEqual([]);
});
