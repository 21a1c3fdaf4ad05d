import { once } from 'node:events';
import { Agent, type IncomingMessage, type ServerResponse } from 'node:http';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { idleTimeoutMs, type Logger, limitConnections, serverOptions } from '@spinbay/runtime';
import { createProxyServer } from 'httpxy';
import { authorityPath, type Upstream, upstreamOf } from './layout.ts';

export interface GatewayOptions {
  readonly host: string;
  /** 0 means any free port. */
  readonly port: number;
  /** The only address that is served. Requests with another host name are redirected or refused. */
  readonly publicUrl: string;
  readonly certificate: { readonly key: string; readonly cert: string; readonly authority: string };
  readonly bucket: string;
  /** Addresses of the services, e.g. `http://127.0.0.1:4000`. A missing service runs elsewhere, not under this origin. */
  readonly upstreams: Readonly<Partial<Record<Upstream, string>>>;
  readonly log: Pick<Logger, 'warn'>;
}

export interface Gateway {
  readonly port: number;
  close(): Promise<void>;
}

/** Phones and browsers only read and upload photos. Other methods, and the queue, stay local to this machine. */
const methodsOfObjects = new Set(['GET', 'HEAD', 'PUT', 'OPTIONS']);
const forwardedHeaders = ['forwarded', 'x-forwarded-for', 'x-forwarded-host', 'x-forwarded-proto', 'x-real-ip'];

/** Starts the HTTPS server that puts all services under one origin. @throws Error if the port is in use */
export async function startGateway(options: GatewayOptions): Promise<Gateway> {
  const { certificate, log } = options;
  // Shorter than the keep-alive timeout of the services, so that no request is sent on a closed connection.
  const agent = new Agent({ keepAlive: true, timeout: 4_000 });
  const proxy = createProxyServer({ agent, proxyTimeout: idleTimeoutMs });
  const server = createServer({
    key: certificate.key,
    // Includes the authority, so that a browser can show who issued the certificate.
    cert: `${certificate.cert}\n${certificate.authority}`,
    minVersion: 'TLSv1.2',
    ...serverOptions,
    handshakeTimeout: serverOptions.headersTimeout,
    // The longest time for an upload. `limitConnections` closes stalled connections.
    requestTimeout: 60 * 60_000,
  });
  // A browser opens six connections. One phone must not use up the connections that the services accept from the gateway.
  limitConnections(server, { perAddress: 64 });
  server.on('request', (request, response) => {
    const target = route(request, response, options);
    if (target === null) return;
    setForwardedHeaders(request);
    proxy.web(request, response, { target }).catch((error: unknown) => {
      log.warn({ err: error, path: pathOf(request) }, 'a request could not be forwarded');
      if (response.headersSent) response.destroy();
      else plain(response, 502, 'This Spinbay service does not answer. Try again.');
    });
  });
  server.listen({ host: options.host, port: options.port });
  try {
    await once(server, 'listening');
  } catch (error) {
    const message = `Cannot listen on ${options.host}, port ${options.port} (${(error as NodeJS.ErrnoException).code}). Set SPINBAY_LAN_PORT or SPINBAY_LAN_ADDRESS.`;
    throw new Error(message, { cause: error });
  }
  return {
    port: (server.address() as AddressInfo).port,
    async close() {
      const closed = once(server, 'close');
      server.close();
      server.closeIdleConnections();
      const cut = setTimeout(() => server.closeAllConnections(), 2_000);
      await closed;
      clearTimeout(cut);
      proxy.close();
      agent.destroy();
    },
  };
}

/**
 * Rewrites the path of a request for its service and returns the address of the service. Null if the gateway has already
 * answered.
 */
function route(request: IncomingMessage, response: ServerResponse, options: GatewayOptions): string | null {
  const { host, origin } = new URL(options.publicUrl);
  const url = request.url ?? '/';
  const path = pathOf(request);
  const isRead = request.method === 'GET' || request.method === 'HEAD';
  if (!path.startsWith('/')) return plain(response, 400, 'The request needs a path.');
  // Other host names are not served, because of DNS rebinding. People who typed the machine's name are redirected.
  if (request.headers.host !== host) {
    if (isRead) return redirect(response, origin + url);
    return plain(response, 421, `The address of Spinbay is ${origin}`);
  }
  if (path === authorityPath && isRead) {
    response.writeHead(200, {
      'content-type': 'application/x-x509-ca-cert',
      'content-disposition': 'attachment; filename="spinbay-ca.crt"',
    });
    response.end(request.method === 'HEAD' ? undefined : options.certificate.authority);
    return null;
  }
  if (path === '/capture' || path === '/api') return redirect(response, `${origin}${path}/${url.slice(path.length)}`);
  const { upstream, path: inner } = upstreamOf(path, options.bucket);
  const target = options.upstreams[upstream];
  if (target === undefined || (upstream === 'api' && isForThisMachine(inner)))
    return plain(response, 404, 'There is no such page.');
  if (upstream === 'objects') {
    if (!methodsOfObjects.has(request.method ?? ''))
      return plain(response, 405, 'Photos can only be read and uploaded here.');
    // Every SQS call has this header.
    delete request.headers['x-amz-target'];
  }
  request.url = inner + url.slice(path.length);
  return target;
}

/** Whether the path is that of the metrics. They cover all tenants, and their token is for servers, not for phones. */
function isForThisMachine(path: string): boolean {
  try {
    return /^\/+metrics(\/|$)/i.test(decodeURIComponent(path));
  } catch {
    return false;
  }
}

/** Sets the forwarding headers and drops those of the client. */
function setForwardedHeaders(request: IncomingMessage): void {
  for (const name of forwardedHeaders) delete request.headers[name];
  request.headers['x-forwarded-for'] = request.socket.remoteAddress ?? '';
  request.headers['x-forwarded-host'] = request.headers.host;
  request.headers['x-forwarded-proto'] = 'https';
}

function pathOf(request: IncomingMessage): string {
  return (request.url ?? '/').split('?', 1)[0] ?? '/';
}

function redirect(response: ServerResponse, location: string): null {
  response.setHeader('location', location);
  return plain(response, 307, 'This service runs elsewhere.');
}

function plain(response: ServerResponse, status: number, text: string): null {
  response.writeHead(status, { 'content-type': 'text/plain; charset=utf-8', 'cache-control': 'no-store' });
  response.end(response.req.method === 'HEAD' ? undefined : `${text}\n`);
  return null;
}
