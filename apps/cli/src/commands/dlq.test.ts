import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ensureQueues } from '@spinbay/local-cloud/set-up';
import { startTestCloud, type TestCloud } from '@spinbay/local-cloud/testing';
import { createQueue, type Queue, redriveDeadLetters } from '@spinbay/queue';
import { afterAll, beforeAll, beforeEach, expect, test, vi } from 'vitest';
import { dlq } from './dlq.ts';

let folder: string;
let cloud: TestCloud;
let queue: Queue;
let printed: string[];
let made = 0;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'spinbay-dlq-'));
  cloud = await startTestCloud();
});
beforeEach(async () => {
  made += 1;
  const name = `photos-${made}`;
  const { queueUrl } = await ensureQueues({ ...cloud, name, maxReceiveCount: 1, visibilitySeconds: 60 });
  queue?.close();
  queue = createQueue({ ...cloud, queueUrl });
  const environment = {
    SPINBAY_DATA_DIR: folder,
    SQS_QUEUE_URL: queueUrl,
    SQS_ENDPOINT: cloud.endpoint,
    AWS_REGION: cloud.region,
    AWS_ACCESS_KEY_ID: cloud.credentials.accessKeyId,
    AWS_SECRET_ACCESS_KEY: cloud.credentials.secretAccessKey,
  };
  for (const [setting, value] of Object.entries(environment)) vi.stubEnv(setting, value);
  printed = [];
  vi.spyOn(process.stdout, 'write').mockImplementation((text) => {
    printed.push(String(text));
    return true;
  });
});
afterAll(async () => {
  vi.restoreAllMocks();
  vi.unstubAllEnvs();
  queue?.close();
  await cloud?.stop();
  await rm(folder, { recursive: true, force: true });
});

const eventOf = (key: string) => JSON.stringify({ Records: [{ s3: { bucket: { name: 'b' }, object: { key } } }] });
const receive = () => queue.receive({ max: 10, waitSeconds: 0, visibilitySeconds: 0 });

/** Sends messages that go to the dead-letter queue after one delivery. */
async function deadLetter(...bodies: string[]): Promise<void> {
  for (const body of bodies) await queue.send(body);
  await expect.poll(async () => [(await receive()).length, await queue.deadLetterDepth()]).toEqual([0, bodies.length]);
}

test('list prints each dead letter with its photo and leaves it in the queue', async () => {
  await deadLetter(eventOf('org/o/site/s/session/x/a+b.jpg'), 'no event', ...Array.from({ length: 21 }, () => 'more'));
  expect(await dlq.run(['list'])).toBe(0);
  const lines = printed.join('').trimEnd().split('\n');
  expect(lines).toHaveLength(1 + 23);
  expect(lines.some((line) => line.endsWith('org/o/site/s/session/x/a b.jpg'))).toBe(true);
  expect(await queue.deadLetterDepth()).toBe(23);
});

test('show prints one message in full, and reports an unknown id', async () => {
  await deadLetter(eventOf('org/o/photo.jpg'));
  await dlq.run(['list']);
  const id = /[0-9a-f-]{36}/.exec(printed.join(''))?.[0] ?? '';
  printed = [];
  expect(await dlq.run(['show', id])).toBe(0);
  expect(printed.join('')).toContain(eventOf('org/o/photo.jpg'));
  await expect(dlq.run(['show', 'nothing'])).rejects.toThrow(/no message nothing/);
  expect(await queue.deadLetterDepth()).toBe(1);
});

test('redrive moves every message back to the queue, once', async () => {
  const bodies = Array.from({ length: 12 }, (_, k) => eventOf(`org/o/${k}.jpg`));
  await deadLetter(...bodies);
  expect(await dlq.run(['redrive'])).toBe(0);
  expect(printed.join('')).toContain('Moved 12 messages');
  expect([await queue.deadLetterDepth(), (await queue.depth()).visible]).toEqual([0, 12]);
  const back: string[] = [];
  while (back.length < 12) {
    const messages = await queue.receive({ max: 10, waitSeconds: 1, visibilitySeconds: 60 });
    back.push(...messages.map(({ body }) => body));
  }
  expect(back.sort()).toEqual(bodies.sort());
});

test('redrive works with a wrong clock, and moves a message that fails again only once', async () => {
  await deadLetter(eventOf('org/o/photo.jpg'));
  const dead = createQueue({ ...cloud, queueUrl: (await queue.deadLetterUrl()) ?? '' });
  const clockAhead: Queue = {
    ...dead,
    receive: async (options) =>
      (await dead.receive(options)).map((message) => ({ ...message, sentAt: new Date(Date.now() + 3_600_000) })),
  };
  const failing: Queue = {
    ...queue,
    // The message fails again before the redrive polls again.
    send: async (body) => {
      const id = await queue.send(body);
      await expect.poll(async () => [(await receive()).length, await queue.deadLetterDepth()]).toEqual([0, 1]);
      return id;
    },
  };
  expect(await redriveDeadLetters(clockAhead, failing)).toBe(1);
  expect([await queue.deadLetterDepth(), (await queue.depth()).visible]).toEqual([1, 0]);
  dead.close();
});

test('list reports an empty dead-letter queue', async () => {
  expect(await dlq.run(['list'])).toBe(0);
  expect(printed.join('')).toContain('The dead-letter queue is empty.');
});

test.each([[], ['purge'], ['list', 'x'], ['show'], ['redrive', 'x']])(
  'the arguments %j print the usage',
  async (...args) => {
    await expect(dlq.run(args)).rejects.toThrow(/Usage: spinbay dlq list\|show ID\|redrive/);
  },
);
