import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DeviceId } from '@spinbay/contracts';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { startTestApi, type TestApi, type TestOrg } from '../../../api/src/testing.ts';
import { connectAsDevice } from './device-client.ts';
import { openIngestState } from './ingest-state.ts';

let api: TestApi;
let org: TestOrg;
let folder: string;
const servers: Server[] = [];
beforeAll(async () => {
  api = await startTestApi();
});
afterAll(() => api?.stop());
beforeEach(async () => {
  org = await api.makeOrg({ enrolment: 'code' });
  folder = await mkdtemp(join(tmpdir(), 'spinbay-device-'));
});
afterEach(async () => {
  for (const server of servers.splice(0)) server.close();
  await rm(folder, { recursive: true, force: true });
});

/** A proxy to the API that forwards every request, but loses the first replies of `POST /auth/device`. */
async function startLossyProxy(count: number): Promise<{ url: string; asked: () => number }> {
  let asked = 0;
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const headers = Object.fromEntries(
      ['authorization', 'content-type'].flatMap((name) => {
        const value = request.headers[name];
        return typeof value === 'string' ? [[name, value]] : [];
      }),
    );
    const body = chunks.length > 0 ? { body: Buffer.concat(chunks) } : {};
    const reply = await fetch(`${api.url}${request.url}`, { method: request.method ?? 'GET', headers, ...body });
    const text = await reply.text();
    if (request.url === '/auth/device' && ++asked <= count) return void request.socket.destroy();
    response.writeHead(reply.status, { 'content-type': reply.headers.get('content-type') ?? '' }).end(text);
  });
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, asked: () => asked };
}

async function newCode(): Promise<string> {
  const admin = await api.as(org, 'admin');
  return (await admin.createEnrolmentCode({ body: { all_sites: true } })).body.code;
}

const listed = async () => (await (await api.as(org, 'admin')).listDevices()).body.items;
const devices = async () => (await listed()).map((device) => device.id);

const connect = (url: string, code?: string) => {
  const state = openIngestState(folder, api.url, org.orgId);
  return connectAsDevice(url, org.orgId, state, '1.0.0', code);
};

test('a lost reply to the enrolment neither uses up the code nor creates a second device', async () => {
  const { url, asked } = await startLossyProxy(2);
  const client = await connect(url, await newCode());
  expect((await client.listSites()).body.items.length).toBeGreaterThan(0);
  expect(asked()).toBe(3);
  expect(await devices()).toHaveLength(1);
});

test('if a run ends before the reply, the next run uses the same device and code', async () => {
  const code = await newCode();
  const state = openIngestState(folder, api.url, org.orgId);
  await connect(api.url, code);
  const known = await state.device();
  if (known === null) throw new Error('no device was stored');
  // The state that the first run had stored before it sent anything.
  await state.storeDevice({ device_id: known.device_id, device_secret: known.device_secret, enrolled: false });
  await connect(api.url, code);
  expect(await devices()).toEqual([known.device_id]);
});

test('two concurrent first runs enrol one device', async () => {
  const code = await newCode();
  await Promise.all([connect(api.url, code), connect(api.url, code)]);
  expect(await devices()).toHaveLength(1);
});

test('a later run uses its token; without a token it refreshes, stores the new secret, and needs no code', async () => {
  const { url, asked } = await startLossyProxy(0);
  const state = openIngestState(folder, api.url, org.orgId);
  await connect(url, await newCode());
  await connect(url);
  expect(asked()).toBe(1);
  for (let run = 0; run < 3; run++) {
    const known = await state.device();
    if (known === null) throw new Error('no device was stored');
    await state.storeDevice({ ...known, token: undefined });
    await connect(url);
  }
  expect(asked()).toBe(4);
  expect(await devices()).toHaveLength(1);
});

test('a revoked device learns that it is revoked, and does not enrol again', async () => {
  await connect(api.url, await newCode());
  const admin = await api.as(org, 'admin');
  const [device] = (await admin.listDevices()).body.items;
  await admin.revokeDevice({ params: { device_id: DeviceId.parse(device?.id) } });
  await expect(connect(api.url)).rejects.toMatchObject({ code: 'device_revoked' });
});

test('if a new server does not know the device, the device enrols again', async () => {
  await connect(api.url, await newCode());
  const state = openIngestState(folder, api.url, org.orgId);
  const known = await state.device();
  await state.storeDevice({
    device_id: DeviceId.parse(known?.device_id),
    device_secret: 'of another server',
    enrolled: true,
  });
  await connect(api.url, await newCode());
  expect((await state.device())?.device_id).not.toBe(known?.device_id);
  // An administrator sees that both are this computer, and can block it.
  const [first, second] = await listed();
  expect(first?.installation).toMatch(/^[0-9a-f]{16}$/);
  expect(second?.installation).toBe(first?.installation);
});

test('a damaged device file is replaced once, not at each run', async () => {
  const code = await newCode();
  await connect(api.url, code);
  const state = openIngestState(folder, api.url, org.orgId);
  const files = await readdir(folder);
  for (const file of files) {
    const text = await readFile(join(folder, file), 'utf8');
    if (text.includes('device_id')) await writeFile(join(folder, file), text.slice(0, 20));
  }
  expect(await state.device()).toBeNull();
  await connect(api.url, await newCode());
  const replaced = await state.device();
  expect(replaced?.enrolled).toBe(true);
  await connect(api.url);
  expect((await state.device())?.device_id).toBe(replaced?.device_id);
});

test('a file of the device that cannot be read is reported and not replaced', async () => {
  await connect(api.url, await newCode());
  // Root can read every file, but no directory.
  for (const file of await readdir(folder)) {
    await rm(join(folder, file));
    await mkdir(join(folder, file));
  }
  await expect(connect(api.url, await newCode())).rejects.toThrow(
    /\.json cannot be read \(EISDIR\)\. Make it readable/,
  );
  expect(await devices()).toHaveLength(1);
});
