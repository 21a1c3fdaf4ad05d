import { once } from 'node:events';
import { Agent, type IncomingMessage, type ServerResponse } from 'node:http';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import type { Logger } from '@spinbay/runtime';
import { createProxyServer } from 'httpxy';
import { authorityPath, type Part, partOf } from './layout.ts';

export interface GatewayOptions {
  readonly host: string;
  /** 0: any free one. */
  readonly port: number;
  /** The one address that is answered; the port of it is `port`. */
  readonly publicUrl: string;
  readonly certificate: { readonly key: string; readonly cert: string; readonly authority: string };
  readonly bucket: string;
  /** Where the parts listen, e.g. `http://127.0.0.1:4000`. One that is left out stands elsewhere, not behind this origin. */
  readonly parts: Readonly<Partial<Record<Part, string>>>;
  readonly log: Pick<Logger, 'warn'>;
}

export interface Gateway {
  readonly port: number;
  close(): Promise<void>;
}

/** What phones and browsers do with photos; everything else (lists, queues, deletion) is for this machine alone. */
const methodsOfObjects = new Set(['GET', 'HEAD', 'PUT', 'OPTIONS']);
const forwardedHeaders = ['forwarded', 'x-forwarded-for', 'x-forwarded-host', 'x-forwarded-proto', 'x-real-ip'];

/** Starts the HTTPS server that makes one origin of all parts. @throws Error when the port is taken */
export async function startGateway(options: GatewayOptions): Promise<Gateway> {
  const { certificate, log } = options;
  // Below the 5 s after which Node's servers close an idle connection: else a request could meet a closed one.
  const agent = new Agent({ keepAlive: true, timeout: 4_000 });
  const proxy = createProxyServer({ agent, proxyTimeout: 120_000 });
  const server = createServer({
    key: certificate.key,
    // With the authority, so that a browser can show whose certificate it is asked to accept.
    cert: `${certificate.cert}\n${certificate.authority}`,
    minVersion: 'TLSv1.2',
    headersTimeout: 10_000,
    // The longest that an upload may take; a line that stands still is cut by `timeout`.
    requestTimeout: 60 * 60_000,
  });
  server.timeout = 120_000;
  server.maxConnections = 500;
  server.on('request', (request, response) => {
    const target = route(request, response, options);
    if (target === null) return;
    forward(request);
    proxy.web(request, response, { target }).catch((error: unknown) => {
      log.warn({ err: error, path: pathOf(request) }, 'a request could not be passed on');
      if (response.headersSent) response.destroy();
      else plain(response, 502, 'This part of Spinbay does not answer. Try again.');
    });
  });
  server.listen({ host: options.host, port: options.port });
  try {
    await once(server, 'listening');
  } catch (error) {
    const message = `${options.host}, port ${options.port} cannot be listened on (${(error as NodeJS.ErrnoException).code}). Set SPINBAY_LAN_PORT or SPINBAY_LAN_ADDRESS.`;
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

/** The part that answers a request, with the path as it knows it; null where the request has been answered here. */
function route(request: IncomingMessage, response: ServerResponse, options: GatewayOptions): string | null {
  const { host, origin } = new URL(options.publicUrl);
  const url = request.url ?? '/';
  const path = pathOf(request);
  const isRead = request.method === 'GET' || request.method === 'HEAD';
  if (!path.startsWith('/')) return plain(response, 400, 'A path is asked for here.');
  // Under another name (or by a rebound DNS name) nothing is served. Whoever typed the name of the machine is sent on.
  if (request.headers.host !== host) {
    if (isRead) return redirect(response, origin + url);
    return plain(response, 421, `Spinbay is reached at ${origin}`);
  }
  if (path === authorityPath && isRead) {
    response.writeHead(200, {
      'content-type': 'application/x-x509-ca-cert',
      'content-disposition': 'attachment; filename="spinbay-ca.crt"',
    });
    response.end(request.method === 'HEAD' ? undefined : options.certificate.authority);
    return null;
  }
  if (path === '/capture' || path === '/api') return redirect(response, `${origin}${path}/`);
  const { part, path: inner } = partOf(path, options.bucket);
  const target = options.parts[part];
  if (target === undefined || (part === 'api' && isForThisMachine(inner)))
    return plain(response, 404, 'There is nothing here.');
  if (part === 'objects') {
    if (!methodsOfObjects.has(request.method ?? ''))
      return plain(response, 405, 'Photos are read and put here, nothing else.');
    // Calls of SQS name themselves by it.
    delete request.headers['x-amz-target'];
  }
  request.url = inner + url.slice(path.length);
  return target;
}

/** Metrics tell about everybody's use; a token for them is for a network of machines, not for phones. */
function isForThisMachine(path: string): boolean {
  try {
    return /^\/+metrics(\/|$)/i.test(decodeURIComponent(path));
  } catch {
    return false;
  }
}

/** Says who asks and how; what a client claims about that is dropped. */
function forward(request: IncomingMessage): void {
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
  return plain(response, 307, 'This is found elsewhere.');
}

function plain(response: ServerResponse, status: number, text: string): null {
  response.writeHead(status, { 'content-type': 'text/plain; charset=utf-8', 'cache-control': 'no-store' });
  response.end(response.req.method === 'HEAD' ? undefined : `${text}\n`);
  return null;
}
