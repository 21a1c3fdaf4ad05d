import type { Socket } from 'node:net';
import type { FastifyInstance } from 'fastify';

/** How long a connection that was opened just before the drain may take to send its first request. */
const firstRequestMs = 1_000;

/**
 * Once the server drains, closes each connection with its next reply, each connection that becomes idle, and each on which
 * no request arrives. `close` itself closes only those that are idle when it is called, and waits a minute or more for the
 * others.
 */
export function closeConnectionsWhileDraining(app: FastifyInstance): void {
  let draining = false;
  /** Connections without a request, which Node.js does not count as idle. Browsers open some in advance. */
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
