import { once } from 'node:events';
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { limitConnections, mayReadMetrics, serverOptions } from '@spinbay/runtime';
import type { Registry } from 'prom-client';

export interface OperationsOptions {
  readonly host: string;
  /** 0: any free port. */
  readonly port: number;
  readonly metrics: Registry;
  /** Without a token, only this machine can read the metrics. */
  readonly metricsToken: string | undefined;
}

export interface Operations {
  readonly port: number;
  close(): Promise<void>;
}

/**
 * Serves GET /healthz and /metrics.
 * @throws Error with a hint if the port is in use
 */
export async function serveOperations(options: OperationsOptions): Promise<Operations> {
  const { host, metrics, metricsToken } = options;
  const server = createServer(serverOptions, (request, response) => {
    const path = request.method === 'GET' ? request.url?.split('?')[0] : undefined;
    if (path === '/healthz') answer(response, 200, 'application/json', '{"status":"ok"}');
    else if (path === '/metrics' && mayReadMetrics(request, metricsToken)) {
      metrics.metrics().then(
        (text) => answer(response, 200, metrics.contentType, text),
        () => answer(response, 500, 'text/plain', 'The metrics could not be read.\n'),
      );
    } else answer(response, 404, 'text/plain', 'Not found. Use GET /healthz or GET /metrics.\n');
  });
  limitConnections(server, { perAddress: 20, total: 100 });
  server.listen(options.port, host);
  try {
    await once(server, 'listening');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EADDRINUSE') throw error;
    const message = `Port ${options.port} of ${host} is in use. Stop the program that uses it, or set SPINBAY_WORKER_PORT.`;
    throw new Error(message, { cause: error });
  }
  return {
    port: (server.address() as AddressInfo).port,
    close: async () => {
      server.close();
      server.closeAllConnections();
      await once(server, 'close');
    },
  };
}

function answer(response: ServerResponse, status: number, type: string, text: string): void {
  response.writeHead(status, { 'content-type': type, 'x-content-type-options': 'nosniff' }).end(text);
}
