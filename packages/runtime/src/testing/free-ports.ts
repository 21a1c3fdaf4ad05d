import { randomInt } from 'node:crypto';
import { createServer } from 'node:net';

/**
 * These ports are below the ephemeral ones, which an outgoing connection could take before the server listens. Each test
 * worker has its own range.
 */
const testPorts = { first: 12_000, perWorker: 2_000, workers: 10 };

/** Each port is given only once: if it looks free, its server may only be stopped, and may be started again later. */
const given = new Set<number>();

/** Finds free ports of 127.0.0.1 for servers that a test starts. */
export async function freePorts(count: number): Promise<number[]> {
  const worker = Number(process.env.VITEST_POOL_ID ?? 0) % testPorts.workers;
  const first = testPorts.first + worker * testPorts.perWorker;
  const found: number[] = [];
  while (found.length < count) {
    if (given.size === testPorts.perWorker) throw new Error('every test port of this process has been given');
    const port = first + randomInt(testPorts.perWorker);
    if (given.has(port)) continue;
    given.add(port);
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
