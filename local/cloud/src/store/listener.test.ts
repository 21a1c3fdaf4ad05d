import { once } from 'node:events';
import { connect, createServer, type Socket } from 'node:net';
import { startTestPostgres, type TestPostgres } from '@spinbay/local-postgres/testing';
import pg from 'pg';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { notifyQueue, openListener } from './listener.ts';

let postgres: TestPostgres;
beforeAll(async () => {
  postgres = await startTestPostgres();
});
afterAll(() => postgres?.stop());

test('a listener reconnects after its connection was lost silently, and receives the next notification', async () => {
  const { hostname, port } = new URL(postgres.url);
  const clients: Socket[] = [];
  const servers: Socket[] = [];
  const network = createServer((client) => {
    const server = connect(Number(port), hostname);
    clients.push(client);
    servers.push(server);
    client.on('error', () => undefined).pipe(server);
    server.on('error', () => undefined).pipe(client);
  });
  network.listen(0, '127.0.0.1');
  await once(network, 'listening');
  const url = new URL(postgres.url);
  url.port = String((network.address() as { port: number }).port);
  const heard: string[] = [];
  let reconnected = 0;
  const listener = await openListener(
    url.href,
    {
      onMessage: (queueId) => heard.push(queueId),
      onReconnect: () => {
        reconnected += 1;
      },
    },
    { info: () => undefined, warn: () => undefined, error: () => undefined },
    { everyMs: 200, answerWithinMs: 1_000 },
  );
  // Closes the database's side of the connection. The listener does not notice.
  servers[0]?.unpipe();
  clients[0]?.unpipe().resume();
  servers[0]?.destroy();
  await expect.poll(() => reconnected).toBe(1);
  const sender = new pg.Client({ connectionString: postgres.url });
  await sender.connect();
  await sender.query(notifyQueue, ['17']);
  await sender.end();
  await expect.poll(() => heard).toEqual(['17']);
  await listener.close();
  network.close();
});
