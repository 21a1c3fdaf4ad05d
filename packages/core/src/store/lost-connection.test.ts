import { once } from 'node:events';
import { connect, createServer, type Server, type Socket } from 'node:net';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { listSites } from '../sites/list-sites.ts';
import { startTestDatabase, type TestDatabase } from '../testing.ts';
import { StoreUnavailable } from './faults.ts';
import { createStore, type Store } from './store.ts';

/* Simulates a firewall that has forgotten a connection: it drops the packets and informs neither end. */

let database: TestDatabase;
let network: Server;
let store: Store;
const connections: { forget(): void; isOpen(): boolean }[] = [];

beforeAll(async () => {
  database = await startTestDatabase();
  const { hostname, port } = new URL(database.appUrl);
  network = createServer((client) => {
    const server = connect(Number(port), hostname);
    const pairs: [Socket, Socket][] = [
      [client, server],
      [server, client],
    ];
    for (const [from, to] of pairs) {
      from.pipe(to);
      from.on('error', () => undefined);
    }
    client.on('close', () => server.destroy());
    const forget = () => {
      for (const [from, to] of pairs) from.unpipe(to).resume();
    };
    connections.push({ forget, isOpen: () => !client.destroyed });
  });
  network.listen(0, '127.0.0.1');
  await once(network, 'listening');
  const url = new URL(database.appUrl);
  url.port = String((network.address() as { port: number }).port);
  store = createStore({ databaseUrl: url.href, poolSize: 1, applicationName: 'test', answerWithinMs: 500 });
});
afterAll(async () => {
  await store?.close();
  network?.close();
  await database?.stop();
});

test.each(['read', 'transact'] as const)(
  'a connection that was lost without notice is given up, and the next %s uses a new one',
  async (kind) => {
    const { orgId, siteIds } = await database.makeOrg();
    const org = store.forOrg(orgId, 'all');
    const sites = async () => (await org[kind]((tx) => listSites(tx))).map(({ id }) => id);
    expect(new Set(await sites())).toEqual(new Set(siteIds));
    connections.at(-1)?.forget();
    const lost = await sites().catch((error: unknown) => error);
    // A retry on a new connection may succeed in time.
    if (!Array.isArray(lost)) expect(lost).toBeInstanceOf(StoreUnavailable);
    expect(new Set(await sites())).toEqual(new Set(siteIds));
    await expect.poll(() => connections.filter(({ isOpen }) => isOpen()).length).toBe(1);
  },
);

test('a commit whose answer is lost is not repeated', async () => {
  const { orgId } = await database.makeOrg();
  let runs = 0;
  const work = store.forOrg(orgId, 'all').transact(async (tx) => {
    runs += 1;
    await listSites(tx);
    connections.at(-1)?.forget();
  });
  await expect(work).rejects.toBeInstanceOf(StoreUnavailable);
  expect(runs).toBe(1);
});
