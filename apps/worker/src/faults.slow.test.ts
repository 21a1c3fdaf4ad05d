import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { handleMessage } from './features/images/handle-message.ts';
import { bundleProcess, environmentOf } from './test-bundles.ts';
import { expectOneCorrectRow } from './test-one-correct-row.ts';
import { detailedFrame, eventually, isEmpty, startTestStack, type TestSession, type TestStack } from './testing.ts';

/* Whatever happens during the work, the result is exactly one correct row and no dead letter. */

let stack: TestStack;
let folder: string;
let session: TestSession;
beforeAll(async () => {
  stack = await startTestStack({ durable: true });
  folder = await mkdtemp(join(tmpdir(), 'spinbay-faults-'));
});
beforeEach(async () => {
  await stack.purge();
  session = await stack.newSession();
});
afterEach(() => stack?.rest());
afterAll(async () => {
  await stack?.stop();
  await rm(folder, { recursive: true, force: true });
});

test('the next worker completes a frame if one is killed at any step', async () => {
  const bundle = await bundleProcess('test-killed-worker', 'test-killed-worker.ts');
  const steps: string[] = [];
  const start = (killAt: number) => {
    const child = spawn(process.execPath, [bundle.script], {
      env: { ...environmentOf(stack, folder), KILL_AT: String(killAt) },
      stdio: ['pipe', 'pipe', 'ignore'],
    });
    let output = '';
    child.stdout.on('data', (data: Buffer) => {
      output += data.toString();
    });
    return { child, exited: once(child, 'close'), output: () => output };
  };
  let next = start(1);
  try {
    for (let killAt = 1; ; killAt++) {
      const { child, exited, output } = next;
      next = start(killAt + 1);
      await stack.purge();
      session = await stack.newSession();
      await session.upload(await detailedFrame(killAt), 'angle_000');
      child.stdin.end('go');
      const [status, signal] = await exited;
      if (status === 0) break;
      expect(signal).toBe('SIGKILL');
      steps.push(output().trim());
      await stack.showHidden();
      await stack.runOnce();
      await expectOneCorrectRow(stack, session);
    }
  } finally {
    next.child.kill('SIGKILL');
    await next.exited;
    await bundle.remove();
  }
  await expectOneCorrectRow(stack, session);
  for (const name of ['queue.receive', 'store.read', 'objects.download', 'measurer.measure', 'store.transact'])
    expect(steps).toEqual(expect.arrayContaining([`before ${name}`, `after ${name}`]));
  expect(steps.filter((name) => name === 'after objects.put')).toHaveLength(3);
  expect(steps).toEqual(expect.arrayContaining(['before the commit', 'before queue.delete', 'after queue.delete']));
}, 180_000);

test('completes the row once if two workers process a message after its visibility timeout', async () => {
  await session.upload(await detailedFrame(1), 'angle_000');
  let open = () => {};
  const opened = new Promise<void>((resolve) => {
    open = resolve;
  });
  let held = 0;
  const objects: TestStack['objects'] = {
    ...stack.objects,
    put: async (...put) => {
      held += 1;
      await opened;
      await stack.objects.put(...put);
    },
  };
  const slow = stack.work({
    work: (message, signal, log) => handleMessage(message, stack.bucket, { ...stack.deps, objects }, signal, log),
  });
  await eventually(() => held > 0);
  // The slow worker still polls, so with a free slot it could receive its own message again.
  await stack.showHidden();
  stack.work();
  await eventually(async () => (await session.images())[0]?.status === 'processed' || held > 3);
  open();
  await eventually(() => isEmpty(stack.queue));
  await slow.drain(10_000);
  await expectOneCorrectRow(stack, session);
});

test('waits while there is no room for temporary files, and another worker finishes the message', async () => {
  const bundle = await bundleProcess('main', 'main.ts');
  try {
    await session.upload(await detailedFrame(1), 'angle_000');
    // Limits files to 8 blocks, a few kB, as if the disk were full during the download.
    const child = spawn('sh', ['-c', 'ulimit -f 8; exec "$0" "$1"', process.execPath, bundle.script], {
      env: environmentOf(stack, folder),
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    const exited = once(child, 'exit');
    let output = '';
    child.stdout.on('data', (data: Buffer) => {
      output += data.toString();
    });
    await eventually(() => output.split('there is no room for temporary files; waiting').length > 4);
    expect(await stack.queue.depth()).toEqual({ visible: 0, inFlight: 1, delayed: 0 });
    expect(await session.images()).toMatchObject([{ status: 'pending', failure: null }]);
    child.kill('SIGKILL');
    await exited;
    await stack.showHidden();
    await stack.runOnce();
    await expectOneCorrectRow(stack, session);
  } finally {
    await bundle.remove();
  }
});
