import type { FastifyInstance } from 'fastify';

/**
 * Closes each connection with its next reply once the server drains, and each connection that becomes idle. `close` itself
 * closes only those that are idle at that moment. It would wait a minute or more for the clients of the others to disconnect.
 */
export function closeConnectionsWhileDraining(app: FastifyInstance): void {
  let draining = false;
  app.addHook('preClose', async () => {
    draining = true;
    if (!app.server.listening) return;
    // A reply whose headers were sent before the drain keeps its connection open.
    const timer = setInterval(() => app.server.closeIdleConnections(), 100);
    app.server.once('close', () => clearInterval(timer));
  });
  app.addHook('onSend', async (_, reply) => {
    if (draining) void reply.header('connection', 'close');
  });
}
