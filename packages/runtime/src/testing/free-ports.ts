import { randomInt } from 'node:crypto';
import { createServer } from 'node:net';

/**
 * These ports are below the ephemeral ones, which an outgoing connection could take before the server listens. Each test
 * worker has its own range.
 */
const testPorts = { first: 12_000, perWorker: 2_000, workers: 10 };

/** Each port is allocated only once: if it looks free, its server may only be stopped, and may be started again later. */
const allocated = new Set<number>();

/** Finds free ports of 127.0.0.1 for servers that a test starts. */
export async function freePorts(count: number): Promise<number[]> {
  const worker = Number(process.env.VITEST_POOL_ID ?? 0) % testPorts.workers;
  const first = testPorts.first + worker * testPorts.perWorker;
  const found: number[] = [];
  while (found.length < count) {
    if (allocated.size === testPorts.perWorker) throw new Error('this process has allocated all of its test ports');
    const port = first + randomInt(testPorts.perWorker);
    if (allocated.has(port)) continue;
    allocated.add(port);
    if (await isFree(port)) found.push(port);
  }
  return found;
}

export async function freePort(): Promise<number> {
  const [port = 0] = await freePorts(1);
  return port;
}

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(false));
    server.listen(port, '127.0.0.1', () => server.close(() => resolve(true)));
  });
}
