import type { Socket } from 'node:net';
import type { FastifyInstance } from 'fastify';

/** Time for the first request of a connection to arrive that was opened just before the drain. */
const firstRequestMs = 1_000;

/**
 * Closes each connection with its next reply once the server drains, each connection that becomes idle, and those on which no
 * request arrives. `close` itself closes only those that are idle at that moment. It would wait a minute or more for the others.
 */
export function closeConnectionsWhileDraining(app: FastifyInstance): void {
  let draining = false;
  /** Node.js does not count these as idle. Browsers open some in advance. */
  const unused = new Set<Socket>();
  app.server.on('connection', (socket: Socket) => {
    unused.add(socket);
    socket.once('close', () => unused.delete(socket));
  });
  app.server.on('request', ({ socket }) => unused.delete(socket));
  app.addHook('preClose', async () => {
    draining = true;
    if (!app.server.listening) return;
    // A reply whose headers were sent before the drain keeps its connection open.
    const idle = setInterval(() => app.server.closeIdleConnections(), 100);
    const cut = setTimeout(() => {
      for (const socket of unused) socket.destroy();
    }, firstRequestMs);
    app.server.once('close', () => {
      clearInterval(idle);
      clearTimeout(cut);
    });
  });
  app.addHook('onSend', async (_, reply) => {
    if (draining) void reply.header('connection', 'close');
  });
}
