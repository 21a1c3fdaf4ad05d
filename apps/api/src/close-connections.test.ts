import { once } from 'node:events';
import { Agent, get } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import { PassThrough } from 'node:stream';
import { text } from 'node:stream/consumers';
import Fastify from 'fastify';
import { expect, test } from 'vitest';
import { closeConnectionsWhileDraining } from './close-connections.ts';

test('a drain ends with its last reply, even on connections that the client keeps open', async () => {
  const app = Fastify({ keepAliveTimeout: 600_000 });
  closeConnectionsWhileDraining(app);
  const body = new PassThrough();
  app.get('/', () => body);
  await app.listen({ host: '127.0.0.1', port: 0 });
  const { port } = app.server.address() as AddressInfo;
  const agent = new Agent({ keepAlive: true });
  const reply = await new Promise<NodeJS.ReadableStream>((resolve, reject) => {
    get({ port, agent }, resolve).on('error', reject);
    body.write('first ');
  });
  const closed = app.close();
  // The drain has begun: the server no longer accepts connections.
  await expect.poll(() => app.server.listening).toBe(false);
  body.end('last');
  expect(await text(reply)).toBe('first last');
  await closed;
  agent.destroy();
});

test('a drain does not wait for a connection without a request', async () => {
  const app = Fastify({ http: { headersTimeout: 600_000, requestTimeout: 600_000 } });
  closeConnectionsWhileDraining(app);
  await app.listen({ host: '127.0.0.1', port: 0 });
  const accepted = once(app.server, 'connection');
  const socket = connect((app.server.address() as AddressInfo).port, '127.0.0.1');
  socket.on('error', () => undefined);
  await accepted;
  const closed = once(socket, 'close');
  await app.close();
  await closed;
});
