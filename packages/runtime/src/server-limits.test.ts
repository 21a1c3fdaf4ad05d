import { once } from 'node:events';
import { createServer, type Server, type ServerResponse } from 'node:http';
import { type AddressInfo, connect, type Socket } from 'node:net';
import { afterEach, expect, test } from 'vitest';
import { type ConnectionOptions, limitConnections, serverOptions } from './server-limits.ts';

const servers: Server[] = [];
const sockets: Socket[] = [];
afterEach(() => {
  for (const socket of sockets.splice(0)) socket.destroy();
  for (const server of servers.splice(0)) {
    server.close();
    server.closeAllConnections();
  }
});

/** A server that answers when the test says so. */
async function serve(options: ConnectionOptions) {
  const replies: ServerResponse[] = [];
  const server = createServer(serverOptions, (_, response) => void replies.push(response));
  limitConnections(server, options);
  servers.push(server.listen(0, '127.0.0.1'));
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const open = async (localAddress = '127.0.0.2') => {
    const socket = connect({ host: '127.0.0.1', port, localAddress });
    sockets.push(socket.on('error', () => undefined).resume());
    await once(socket, 'connect');
    return socket;
  };
  const ask = async (localAddress?: string) => {
    const before = replies.length;
    const socket = await open(localAddress);
    socket.write('GET / HTTP/1.1\r\nHost: x\r\n\r\n');
    await expect.poll(() => replies.length).toBe(before + 1);
    return socket;
  };
  return { open, ask, replies };
}
const closed = (socket: Socket) => once(socket, 'close', { signal: AbortSignal.timeout(10_000) });
const states = (...all: Socket[]) => all.map((socket) => (socket.destroyed ? 'closed' : 'open'));

test('above the limit of an address, only its connection that has been idle longest is closed', async () => {
  const { open, ask, replies } = await serve({ perAddress: 2 });
  const other = await open('127.0.0.3');
  const used = await ask();
  const idle = await open();
  replies[0]?.end();
  await once(used, 'data');
  const newest = await open();
  await closed(idle);
  expect(states(other, used, newest)).toEqual(['open', 'open', 'open']);
});

test('a request in progress keeps its connection, and the new one is closed', async () => {
  const { open, ask, replies } = await serve({ perAddress: 2 });
  const busy = [await ask(), await ask()];
  await closed(await open());
  expect(states(...busy)).toEqual(['open', 'open']);
  for (const reply of replies) reply.end('done');
  await Promise.all(busy.map((socket) => once(socket, 'data')));
});

test('the connections of all addresses together have a limit', async () => {
  const { open } = await serve({ perAddress: 10, total: 2 });
  const [first, second] = [await open('127.0.0.2'), await open('127.0.0.3')];
  const third = await open('127.0.0.4');
  await closed(first);
  expect(states(second, third)).toEqual(['open', 'open']);
});

test('a trusted proxy has more connections than one client', async () => {
  const { open } = await serve({ perAddress: 1, trustedProxies: ['127.0.0.8/29'] });
  const ofProxy = [await open('127.0.0.9'), await open('127.0.0.9'), await open('127.0.0.9')];
  const client = await open('127.0.0.2');
  await open('127.0.0.2');
  await closed(client);
  expect(states(...ofProxy)).toEqual(['open', 'open', 'open']);
});

test('the connections of trusted proxies count towards the limit of all addresses', async () => {
  const { open } = await serve({ perAddress: 10, total: 2, trustedProxies: ['127.0.0.9'] });
  const [client, ofProxy] = [await open('127.0.0.2'), await open('127.0.0.9')];
  const newest = await open('127.0.0.9');
  await closed(client);
  expect(states(ofProxy, newest)).toEqual(['open', 'open']);
});
