import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, readdir, rm } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startTestCollector } from '@spinbay/runtime/testing';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { bundleProcess, environmentOf } from './test-bundles.ts';
import { detailedFrame, eventually, isEmpty, startTestStack, type TestSession, type TestStack } from './testing.ts';

/* Runs the worker as a process, as in production: starts, stops and kills it. */

let stack: TestStack;
let folder: string;
let bundle: Awaited<ReturnType<typeof bundleProcess>>;
const children: ChildProcess[] = [];

beforeAll(async () => {
  stack = await startTestStack();
  bundle = await bundleProcess('main', 'main.ts');
});
beforeEach(async () => {
  await stack.purge();
  folder = await mkdtemp(join(tmpdir(), 'spinbay-main-'));
});
afterEach(async () => {
  for (const child of children.splice(0)) {
    if (child.exitCode !== null || child.signalCode !== null) continue;
    child.kill('SIGKILL');
    await once(child, 'exit');
  }
  await rm(folder, { recursive: true, force: true });
});
afterAll(async () => {
  await bundle?.remove();
  await stack?.stop();
});

interface Line {
  readonly msg: string;
  readonly err?: { message: string };
}

/** A worker process and its log. */
function start(environment: Record<string, string> = {}) {
  const child = spawn(process.execPath, [bundle.script], {
    env: { ...environmentOf(stack, folder), ...environment },
    stdio: ['ignore', 'pipe', 'inherit', 'ipc'],
  });
  children.push(child);
  const { stdout } = child;
  if (stdout === null) throw new Error('stdout is not a pipe');
  let output = '';
  stdout.setEncoding('utf8').on('data', (text: string) => {
    output += text;
  });
  const exited = Promise.all([once(child, 'exit'), once(stdout, 'end')]).then(
    ([[code, signal]]) => (code ?? signal) as number | NodeJS.Signals,
  );
  const lines = () =>
    output
      .split('\n')
      .slice(0, -1)
      .map((line) => JSON.parse(line) as Line);
  return {
    child,
    lines,
    /** Resolves with its first message to the supervisor. */
    ready: () => Promise.race([once(child, 'message').then(([message]) => message), exited.then(() => output)]),
    exited,
  };
}

const done = async (session: TestSession) =>
  (await session.images()).filter((image) => image.status === 'processed').length;

/** Uploads frames that are large enough to be interrupted while they are processed. */
async function uploadSpin(session: TestSession, count: number): Promise<void> {
  for (let k = 0; k < count; k++) await session.upload(await detailedFrame(k, 1200, 900), `angle_${15 * k}`);
}

test('finishes the frames in flight on SIGTERM, loses no message and leaves no files', async () => {
  const session = await stack.newSession();
  await uploadSpin(session, 6);
  const worker = start();
  expect(await worker.ready()).toEqual({ ready: true });
  await eventually(async () => (await done(session)) > 0);
  worker.child.kill('SIGTERM');
  expect(await worker.exited).toBe(0);
  const messages = worker.lines().map((line) => line.msg);
  expect(messages.slice(0, 2)).toEqual(['photos measured at once', 'polling']);
  expect(messages.slice(messages.indexOf('stopping'))).toContain('stopped');
  expect(messages.at(-1)).toBe('stopped');
  // Received messages are finished and the others wait, so none is hidden.
  expect((await stack.queue.depth()).inFlight).toBe(0);
  expect(await readdir(folder)).toEqual([]);

  const next = start();
  await eventually(() => isEmpty(stack.queue));
  expect(await done(session)).toBe(6);
  // Six reservations and six completions: nothing happened twice.
  expect(await session.version()).toBe(12);
  next.child.kill('SIGINT');
  expect(await next.exited).toBe(0);
});

test('the next worker finishes each frame once after kill -9', async () => {
  const session = await stack.newSession();
  await uploadSpin(session, 8);
  const first = start();
  expect(await first.ready()).toEqual({ ready: true });
  await eventually(async () => (await done(session)) > 0);
  first.child.kill('SIGKILL');
  expect(await first.exited).toBe('SIGKILL');
  expect(await done(session)).toBeLessThan(8);
  const [leftover] = await readdir(folder);
  expect(leftover).toMatch(/^spinbay-worker-/);
  await mkdir(join(folder, 'of-somebody-else'));

  // The visibility timeout of its messages expires.
  await stack.showHidden();
  const second = start();
  expect(await second.ready()).toEqual({ ready: true });
  expect(await readdir(folder)).not.toContain(leftover);
  await eventually(() => isEmpty(stack.queue));
  expect(await done(session)).toBe(8);
  expect(await session.version()).toBe(16);
  expect((await stack.deadLetters.depth()).visible).toBe(0);
  second.child.kill('SIGTERM');
  expect(await second.exited).toBe(0);
  expect(await readdir(folder)).toEqual(['of-somebody-else']);
});

test('asks the ECS agent to protect its task while it works', async () => {
  const asked: string[] = [];
  const agent = createServer(async (request, reply) => {
    for await (const part of request) asked.push(`${request.method} ${request.url} ${part}`);
    reply.end('{"protection":{"ProtectionEnabled":true}}');
  }).listen(0, '127.0.0.1');
  try {
    await once(agent, 'listening');
    const worker = start({ ECS_AGENT_URI: `http://127.0.0.1:${(agent.address() as AddressInfo).port}/api/id` });
    expect(await worker.ready()).toEqual({ ready: true });
    await eventually(async () => {
      await uploadSpin(await stack.newSession(), 4);
      return asked.length > 0;
    });
    expect(asked[0]).toBe('PUT /api/id/task-protection/v1/state {"ProtectionEnabled":true,"ExpiresInMinutes":10}');
    worker.child.kill('SIGTERM');
    expect(await worker.exited).toBe(0);
  } finally {
    agent.closeAllConnections();
    agent.close();
  }
});

test('exports the trace of each photo; a collector that is down costs nothing but spans', async () => {
  const collector = await startTestCollector();
  try {
    const session = await stack.newSession();
    await uploadSpin(session, 2);
    const worker = start({ OTEL_EXPORTER_OTLP_ENDPOINT: collector.url });
    await eventually(() => collector.spans.filter(({ name }) => name === 'photo').length === 2);
    worker.child.kill('SIGTERM');
    expect(await worker.exited).toBe(0);
    const [image] = await session.images();
    const spans = collector.spans.filter(({ traceId }) => traceId === image?.id.replaceAll('-', ''));
    const root = spans.find(({ name }) => name === 'photo');
    const work = spans.find(({ name }) => name === 'process upload');
    expect(root?.parentId).toBeUndefined();
    const parents = Object.fromEntries(spans.map(({ name, parentId }) => [name, parentId]));
    expect(parents).toEqual({
      photo: undefined,
      'wait in queue': root?.spanId,
      'process upload': root?.spanId,
      download: work?.spanId,
      'record upload': work?.spanId,
      measure: work?.spanId,
      'store thumbnails': work?.spanId,
      commit: work?.spanId,
    });
    expect(new Set(collector.spans.map(({ traceId }) => traceId)).size).toBe(2);
    expect(collector.spans.filter(({ failed }) => failed)).toEqual([]);
    expect(collector.bodies.join('')).not.toMatch(/\.jpg|thumb_|AKID/);
  } finally {
    await collector.close();
  }

  const session = await stack.newSession();
  await uploadSpin(session, 2);
  const worker = start({ OTEL_EXPORTER_OTLP_ENDPOINT: collector.url });
  const warnings = () => worker.lines().filter(({ msg }) => msg.startsWith('spans cannot be exported'));
  await eventually(() => warnings().length > 0);
  await eventually(async () => (await done(session)) === 2);
  await eventually(() => isEmpty(stack.queue));
  worker.child.kill('SIGTERM');
  expect(await worker.exited).toBe(0);
  expect(warnings()).toHaveLength(1);
});

test('stops when its supervisor dies', async () => {
  const worker = start();
  expect(await worker.ready()).toEqual({ ready: true });
  worker.child.disconnect();
  expect(await worker.exited).toBe(0);
});

test('names faults of the settings and of the temporary folder, and exits with 1', async () => {
  const unset = start({ SQS_QUEUE_URL: '', QC_CLIP_FRACTION: 'much' });
  expect(await unset.exited).toBe(1);
  const logged = unset.lines().at(-1)?.msg;
  expect(logged).toContain('SQS_QUEUE_URL is not set');
  expect(logged).toContain('QC_CLIP_FRACTION is malformed');

  const withoutTempFolder = start({ TMPDIR: join(folder, 'missing') });
  expect(await withoutTempFolder.exited).toBe(1);
  expect(withoutTempFolder.lines().at(-1)?.msg).toMatch(/temporary files, .*missing, cannot be written .* set TMPDIR/);
});
