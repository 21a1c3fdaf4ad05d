import { spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { eraseSession } from '@spinbay/core';
import type { QueueMessage } from '@spinbay/queue';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { type BatchReply, handleBatch, type SqsEvent } from './handle-batch.ts';
import { bundleProcess, environmentOf } from './test-bundles.ts';
import { detailedFrame, eventually, quiet, startTestStack, type TestStack } from './testing.ts';

/* Runs the function as Lambda does: the bundle in a separate process, called with events. */

let stack: TestStack;
let folder: string;
let bundle: Awaited<ReturnType<typeof bundleProcess>>;
beforeAll(async () => {
  stack = await startTestStack();
  folder = await mkdtemp(join(tmpdir(), 'spinbay-lambda-'));
  bundle = await bundleProcess('worker-lambda', 'lambda.ts');
});
beforeEach(() => stack.purge());
afterAll(async () => {
  await bundle?.remove();
  await stack?.stop();
  await rm(folder, { recursive: true, force: true });
});

/** Calls the function once per event, in one process. */
async function invoke(
  events: readonly unknown[],
  timeMs = 60_000,
  settings: Readonly<Record<string, string>> = {},
): Promise<BatchReply[]> {
  const call = `
    const { handler } = await import(${JSON.stringify(pathToFileURL(bundle.script).href)});
    const replies = [];
    const context = { getRemainingTimeInMillis: () => ${timeMs} };
    for (const event of ${JSON.stringify(events)}) replies.push(await handler(event, context));
    process.stdout.write('\\n' + JSON.stringify(replies) + '\\n', () => process.exit(0));`;
  const child = spawn(process.execPath, ['--input-type=module', '-e', call], {
    env: { ...environmentOf(stack, folder), LOG_LEVEL: 'silent', ...settings },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let output = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    output += text;
  });
  await once(child, 'close');
  return JSON.parse(output.trim().split('\n').at(-1) ?? '') as BatchReply[];
}

const recordOf = ({ id, body, receiptHandle }: Pick<QueueMessage, 'id' | 'body' | 'receiptHandle'>) => ({
  messageId: id,
  receiptHandle,
  body,
  attributes: { ApproximateReceiveCount: '1', SentTimestamp: String(Date.now()) },
});

/** Receives this many messages, which the bucket sends after uploads. */
async function received(count: number): Promise<QueueMessage[]> {
  const found: QueueMessage[] = [];
  await eventually(async () => {
    found.push(...(await stack.queue.receive({ max: 10, waitSeconds: 1, visibilitySeconds: 60 })));
    return found.length === count;
  });
  return found;
}

/** Makes the database refuse to complete this frame. @returns a function that undoes it */
async function refuseToComplete(imageId: string): Promise<() => Promise<unknown>> {
  const { admin } = stack.database;
  await admin.query(`alter table images add constraint of_the_test check (id <> '${imageId}' or status = 'pending')`);
  return () => admin.query('alter table images drop constraint of_the_test');
}

test('reports only the failed record of an event to SQS', async () => {
  const session = await stack.newSession();
  const frames: { id: string }[] = [];
  for (let k = 0; k < 3; k++) frames.push(await session.upload(await detailedFrame(k), `angle_${15 * k}`));
  frames.push(await session.upload(Buffer.from('no picture at all'), 'angle_045'));
  const messages = await received(4);
  const refused = frames[1]?.id ?? '';
  const refusedMessage = messages.find(({ body }) => body.includes(refused));
  const foreign = { id: randomUUID(), body: 'not a bucket event', receiptHandle: 'none' };
  const accept = await refuseToComplete(refused);
  const event = { Records: [...messages, foreign].map(recordOf) };
  const [reply] = await invoke([event]);
  expect(reply).toEqual({ batchItemFailures: [{ itemIdentifier: refusedMessage?.id }] });
  const states = async () => (await session.images()).map(({ status, failure }) => failure?.code ?? status);
  expect(await states()).toEqual(['processed', 'pending', 'processed', 'not_an_image']);

  // Delivered again twice, with all others. Finished work does not change.
  await accept();
  const version = await session.version();
  expect(await invoke([event, event])).toEqual([{ batchItemFailures: [] }, { batchItemFailures: [] }]);
  expect(await states()).toEqual(['processed', 'processed', 'processed', 'not_an_image']);
  expect(await session.version()).toBe(version + 1);
});

test.each([60_000, 60_001])('reconciles stuck frames on a schedule, with %i ms left', async (timeMs) => {
  const session = await stack.newSession();
  const { id } = await session.announce(await detailedFrame(1), 'angle_000', {
    expiresAt: new Date(Date.now() - 3_600_000),
  });
  await stack.database.admin.query(`update uploads set created_at = now() - interval '2 hours' where image_id = $1`, [
    id,
  ]);
  await invoke([{ source: 'aws.events', 'detail-type': 'Scheduled Event' }], timeMs);
  expect(await session.images()).toMatchObject([{ id, status: 'expired' }]);
});

test('erases what is due on a schedule, unless another process does it', async () => {
  const session = await stack.newSession();
  await session.upload(await detailedFrame(2), 'angle_000.jpg');
  await stack.runOnce();
  await session.tenant.transact((tx) =>
    eraseSession(tx, session.sessionId, { eraseAfter: new Date(), confirmed: true }, { type: 'system' }),
  );
  const objects = () => stack.objects.list(`org/${session.orgId}/`);
  const rows = async () =>
    (await stack.database.admin.query('select from sessions where id = $1', [session.sessionId])).rowCount;
  const schedule = [{ source: 'aws.events', 'detail-type': 'Scheduled Event' }];
  await invoke(schedule, 60_000, { WORKER_DELETIONS: 'off' });
  expect([(await objects()).length, await rows()]).toEqual([4, 1]);
  await invoke(schedule);
  expect([(await objects()).length, await rows()]).toEqual([0, 0]);
});

test('reports messages that are unfinished or not started at the timeout', async () => {
  const bodies = ['quick', 'hangs', 'too late'];
  const event: SqsEvent = {
    Records: bodies.map((body) => recordOf({ id: `id of ${body}`, body, receiptHandle: body })),
  };
  const begun: string[] = [];
  const reply = await handleBatch(
    event,
    {
      slots: 1,
      log: quiet,
      work: ({ body }, signal) => {
        begun.push(body);
        if (body === 'quick') return Promise.resolve();
        return new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason)));
      },
    },
    200,
  );
  expect(reply.batchItemFailures.map(({ itemIdentifier }) => itemIdentifier)).toEqual([
    'id of hangs',
    'id of too late',
  ]);
  expect(begun).toEqual(['quick', 'hangs']);
});
