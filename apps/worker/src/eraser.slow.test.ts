import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { eraseSession } from '@spinbay/core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { bundleProcess, environmentOf } from './test-bundles.ts';
import { detailedFrame, startTestStack, type TestStack } from './testing.ts';

/* Runs the eraser as a process, as in production. */

let stack: TestStack;
let bundle: Awaited<ReturnType<typeof bundleProcess>>;
beforeAll(async () => {
  stack = await startTestStack();
  bundle = await bundleProcess('eraser', 'eraser.ts');
});
afterAll(async () => {
  await bundle?.remove();
  await stack?.stop();
});

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}

test('erases what is due without a queue, answers health checks, and ends on SIGTERM', async () => {
  const session = await stack.newSession();
  await session.upload(await detailedFrame(1), 'angle_000.jpg');
  await stack.runOnce();
  const objects = () => stack.objects.list(`org/${session.orgId}/`);
  expect(await objects()).toHaveLength(4);
  await session.tenant.transact((tx) =>
    eraseSession(tx, session.sessionId, { eraseAfter: new Date(), confirmed: true }, { type: 'system' }),
  );
  const port = await freePort();
  const child = spawn(process.execPath, [bundle.script], {
    env: {
      ...environmentOf(stack, tmpdir()),
      SQS_QUEUE_URL: undefined,
      SQS_ENDPOINT: undefined,
      SPINBAY_WORKER_PORT: String(port),
    },
    stdio: ['ignore', 'pipe', 'inherit', 'ipc'],
  });
  try {
    const exited = once(child, 'exit');
    let output = '';
    child.stdout?.setEncoding('utf8').on('data', (text: string) => {
      output += text;
    });
    expect((await once(child, 'message'))[0]).toEqual({ ready: true });
    const get = async (path: string) => (await fetch(`http://127.0.0.1:${port}${path}`)).text();
    expect(JSON.parse(await get('/healthz'))).toEqual({ status: 'ok' });
    expect(await get('/metrics')).toContain('process_cpu_seconds_total');
    // This line is logged after the objects and the rows are deleted.
    await expect.poll(() => output, { timeout: 120_000, interval: 200 }).toContain('"erased"');
    expect(await objects()).toEqual([]);
    child.kill('SIGTERM');
    expect(await exited).toEqual([0, null]);
  } finally {
    child.kill('SIGKILL');
  }
});
