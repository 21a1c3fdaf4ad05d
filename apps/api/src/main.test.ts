import { type ChildProcess, spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import type { AddressInfo } from 'node:net';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePort } from '@spinbay/runtime/testing';
import { createSigningKeys } from '@spinbay/tokens';
import { build } from 'esbuild';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';

/* The API as a production process, without any of its dependencies: it starts anyway. */

const root = join(import.meta.dirname, '../../..');
const script = join(root, `node_modules/.cache/spinbay-tests/${randomUUID()}.mjs`);
const children: ChildProcess[] = [];

let folder: string;
let port: number;
let environment: Record<string, string>;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'spinbay-api-main-'));
  await createSigningKeys(join(folder, 'keys.json'));
  await build({
    entryPoints: [join(import.meta.dirname, 'main.ts')],
    outfile: script,
    bundle: true,
    platform: 'node',
    format: 'esm',
    external: ['@fastify/swagger', '@fastify/swagger-ui', 'node-pg-migrate', 'pg-native'],
    // Bundled CommonJS packages call require() for Node's built-in modules.
    banner: {
      js: "import { createRequire as requireOf } from 'node:module'; const require = requireOf(import.meta.url);",
    },
  });
  port = await freePort();
  const nowhere = `127.0.0.1:${await freePort()}`;
  environment = {
    SPINBAY_API_PORT: String(port),
    SPINBAY_API_URL: `http://127.0.0.1:${port}`,
    SPINBAY_PORTAL_URL: 'http://127.0.0.1:4100',
    SPINBAY_SIGNING_KEYS: join(folder, 'keys.json'),
    DATABASE_URL: `postgres://app:the-password@${nowhere}/spinbay`,
    S3_ENDPOINT: `http://${nowhere}`,
    OIDC_ISSUER: `http://${nowhere}`,
    AWS_ACCESS_KEY_ID: 'AKIDTEST',
    AWS_SECRET_ACCESS_KEY: 'the-secret',
  };
});
afterEach(async () => {
  for (const child of children.splice(0)) {
    if (child.exitCode !== null || child.signalCode !== null) continue;
    child.kill('SIGKILL');
    await once(child, 'exit');
  }
});
afterAll(async () => {
  await rm(script, { force: true });
  await rm(folder, { recursive: true, force: true });
});

function start(over: Record<string, string> = {}) {
  const env = { PATH: process.env.PATH, ...environment, ...over };
  const child = spawn(process.execPath, [script], { env, stdio: ['ignore', 'pipe', 'ignore', 'ipc'] });
  children.push(child);
  let output = '';
  child.stdout?.setEncoding('utf8').on('data', (text: string) => {
    output += text;
  });
  const exited = once(child, 'close').then(([code]) => ({ code, output }));
  return { child, exited, ready: once(child, 'message') };
}

test('starts without its dependencies, logs this, and drains when it is stopped', async () => {
  const { child, exited, ready } = start();
  expect((await ready)[0]).toEqual({ ready: true });
  expect((await fetch(`http://127.0.0.1:${port}/healthz`)).status).toBe(200);
  const answer = await fetch(`http://127.0.0.1:${port}/readyz`);
  expect(await answer.json()).toEqual({ status: 'unavailable', checks: { database: 'unavailable' } });
  child.kill('SIGTERM');
  const { code, output } = await exited;
  expect(code).toBe(0);
  expect(output).toMatch(/"msg":"not ready: the database"/);
  expect(output).not.toMatch(/the-password|the-secret/);
});

test('starts without Redis, and logs that Redis cannot be used', async () => {
  const redis = `redis://:the-password@${new URL(environment.S3_ENDPOINT ?? '').host}`;
  const { child, exited, ready } = start({ REDIS_URL: redis });
  expect((await ready)[0]).toEqual({ ready: true });
  const metrics = await fetch(`http://127.0.0.1:${port}/metrics`);
  expect(await metrics.text()).toContain('spinbay_redis_reachable 0');
  child.kill('SIGTERM');
  const { code, output } = await exited;
  expect(code).toBe(0);
  expect(output).toMatch(/ECONNREFUSED.*Redis \(REDIS_URL\) cannot be used/);
  expect(output).not.toContain('the-password');
});

test('names every missing or malformed setting', async () => {
  const { code, output } = await start({ DATABASE_URL: 'nonsense', OIDC_ISSUER: '', LOG_LEVEL: 'loud' }).exited;
  expect(code).toBe(1);
  expect(output).toMatch(/DATABASE_URL is malformed.*OIDC_ISSUER is not set.*LOG_LEVEL is malformed/);
});

test('names a port that is in use, and says what to do', async () => {
  const holder = createServer().listen(0, '127.0.0.1');
  await once(holder, 'listening');
  const taken = String((holder.address() as AddressInfo).port);
  const { code, output } = await start({ SPINBAY_API_PORT: taken }).exited;
  holder.close();
  expect(code).toBe(1);
  expect(output).toContain(
    `Port ${taken} of 127.0.0.1 is in use. Stop the program that uses it, or set SPINBAY_API_PORT.`,
  );
});

test('unusable signing keys are named', async () => {
  const file = join(folder, 'broken.json');
  await writeFile(file, '{');
  const { code, output } = await start({ SPINBAY_SIGNING_KEYS: file }).exited;
  expect(code).toBe(1);
  expect(output).toContain(`${file} is not JSON`);
});
