import { once } from 'node:events';
import { createServer, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { QueueMessage } from '@spinbay/queue';
import type { Logger } from '@spinbay/runtime';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { protectTask, type TaskProtection } from './protect-task.ts';
import { never, quiet } from './testing.ts';

type Answer = (reply: ServerResponse, enabled: boolean) => void;

const confirm: Answer = (reply, ProtectionEnabled) =>
  reply.end(JSON.stringify({ protection: { ProtectionEnabled, TaskArn: 'arn:aws:ecs:test' } }));

const patience = { timeout: 30_000 };
const minutes = 10;
/** Short times, in an order like that of the real ones. Times that a test does not check are longer than the test. */
const times = {
  checkMs: 5,
  idleMs: 50,
  expiresInMinutes: minutes,
  renewMs: 600_000,
  retryMs: 20,
  callMs: 600_000,
  longestMs: 600_000,
  pauseMs: 600_000,
};

let agent: Server;
let answer: Answer;
let calls: unknown[];
let protection: TaskProtection | null;
let warnings: string[];

beforeEach(async () => {
  answer = confirm;
  calls = [];
  warnings = [];
  agent = createServer(async (request, reply) => {
    let text = '';
    for await (const part of request) text += part;
    const body = JSON.parse(text);
    calls.push([request.method, request.url, body]);
    answer(reply, body.ProtectionEnabled);
  }).listen(0, '127.0.0.1');
  await once(agent, 'listening');
});
afterEach(async () => {
  await protection?.stop();
  protection = null;
  agent.closeAllConnections();
  agent.close();
});

const log = {
  warn: (_: object, words: string) => warnings.push(words),
  info: (_: object, words: string) => warnings.push(words),
  error: (_: object, words: string) => warnings.push(words),
} as unknown as Logger;

function start(more: Partial<typeof times> = {}): TaskProtection {
  const { port } = agent.address() as AddressInfo;
  protection = protectTask(`http://127.0.0.1:${port}/api/id`, log, { ...times, ...more });
  return protection;
}

/** Starts to work on a message. @returns a function that ends the work */
function work({ watch }: TaskProtection): () => Promise<void> {
  let end = () => {};
  const ended = new Promise<void>((resolve) => {
    end = resolve;
  });
  const done = watch(() => ended)({} as QueueMessage, never, quiet);
  return () => {
    end();
    return done;
  };
}

const put = (body: object) => ['PUT', '/api/id/task-protection/v1/state', body];
const on = put({ ProtectionEnabled: true, ExpiresInMinutes: minutes });
const off = put({ ProtectionEnabled: false });
const untilCalled = (n: number) => vi.waitUntil(() => calls.length >= n, patience);

test('the task is protected while a message is in flight, and released when the worker is idle', async () => {
  const started = start();
  const [first, second] = [work(started), work(started)];
  await untilCalled(1);
  await first();
  // Many checks later, the second message still keeps the protection.
  await new Promise((resolve) => setTimeout(resolve, 3 * times.idleMs));
  expect(calls).toEqual([on]);
  await second();
  await untilCalled(2);
  expect(calls).toEqual([on, off]);
  work(started);
  await untilCalled(3);
  expect(calls).toEqual([on, off, on]);
  expect(warnings).toEqual([]);
});

test('messages in quick succession need only one call', async () => {
  const started = start({ idleMs: 600_000 });
  for (let n = 0; n < 50; n++) {
    const end = work(started);
    if (n === 0) await untilCalled(1);
    await end();
    await new Promise((resolve) => setTimeout(resolve, times.checkMs));
  }
  expect(calls).toEqual([on]);
});

test('the protection is renewed while the work lasts', async () => {
  work(start({ renewMs: 20 }));
  await untilCalled(3);
  expect(calls.slice(0, 3)).toEqual([on, on, on]);
});

test('a worker that always has work gives up its protection now and then, so that a deployment ends', async () => {
  work(start({ longestMs: 20, pauseMs: 20 }));
  await untilCalled(3);
  expect(calls.slice(0, 3)).toEqual([on, off, on]);
});

test.each<[string, Answer]>([
  ['answers 500', (reply) => reply.writeHead(500).end('{"error":{}}')],
  ['reports that ECS refuses', (reply) => reply.end('{"failure":{"Reason":"DEPLOYMENT_BLOCKED"}}')],
  ['answers nonsense', (reply) => reply.end('<html>')],
  ['closes the connection', (reply) => reply.destroy()],
])('work continues and the call is repeated while the agent %s, which is logged once', async (_, faulty) => {
  answer = faulty;
  const started = start();
  const end = work(started);
  await untilCalled(3);
  await end();
  expect(warnings).toEqual(['the task protection was not changed; retrying']);
  answer = confirm;
  const second = work(started);
  await vi.waitUntil(() => warnings.length > 1, patience);
  await second();
  await vi.waitUntil(() => JSON.stringify(calls.at(-1)) === JSON.stringify(off), patience);
  expect(warnings).toEqual([
    'the task protection was not changed; retrying',
    'the task protection can be changed again',
  ]);
});

test('work continues and the call is repeated while the agent does not answer', async () => {
  answer = () => undefined;
  const end = work(start({ callMs: 20 }));
  await untilCalled(3);
  await end();
  expect(warnings).toEqual(['the task protection was not changed; retrying']);
});

test('work continues without an agent', async () => {
  const started = start();
  agent.close();
  await once(agent, 'close');
  const end = work(started);
  await vi.waitUntil(() => warnings.length > 0, patience);
  await end();
  expect(warnings).toEqual(['the task protection was not changed; retrying']);
});

test('a stop ends a running call', async () => {
  answer = () => undefined;
  const started = start();
  const end = work(started);
  await untilCalled(1);
  await started.stop();
  await end();
  expect(warnings).toEqual([]);
});
