import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import proxyAddr from '@fastify/proxy-addr';
import { type Logger, limitConnections, serverOptions } from '@spinbay/runtime';
import { createAccounts, type DemoUser } from './accounts.ts';
import { createInteraction, send } from './interaction.ts';
import { loadKeys } from './keys.ts';
import { contentSecurityPolicy, faultPage } from './pages.ts';
import { createProvider, type OidcClient } from './provider.ts';
import { createSignInDelays } from './sign-in-delays.ts';

export interface OidcOptions {
  readonly host: string;
  /** 0 means any free port. */
  readonly port: number;
  /** The address for browsers and the API. Default: host and port. */
  readonly issuer?: string;
  /** The folder of `oidc-keys.json`. */
  readonly dataDir: string;
  readonly users: readonly DemoUser[];
  readonly clients: readonly OidcClient[];
  readonly portalUrl: string;
  /** Addresses and networks whose `X-Forwarded-For` is trusted. */
  readonly trustedProxies: readonly string[];
  readonly log: Logger;
}

export interface Oidc {
  /** The issuer. */
  readonly url: string;
  close(): Promise<void>;
}

/**
 * Starts an OpenID Connect provider for the people of one installation: code flow with PKCE, its own sign-in page,
 * `GET /healthz`.
 * @throws Error if the port is in use or the keys cannot be read or written
 */
export async function startOidc(options: OidcOptions): Promise<Oidc> {
  const { dataDir, users, clients, portalUrl, trustedProxies, log } = options;
  const keys = await loadKeys(dataDir);
  const server = createServer(serverOptions);
  limitConnections(server, { trustedProxies });
  // The issuer is known once the port is known. No request is read before this function continues.
  const url = await listen(server, options);
  const accounts = createAccounts(users);
  const delays = createSignInDelays(Date.now);
  const provider = createProvider({ issuer: url, keys, accounts, clients, portalUrl, log });
  const isTrusted = proxyAddr.compile([...trustedProxies]);
  const addressOf = (req: IncomingMessage) => proxyAddr(req, isTrusted);
  const interaction = createInteraction({ provider, issuer: url, accounts, delays, addressOf, portalUrl, log });
  const handle = createHandler(url, interaction, provider.callback());
  server.on('request', async (req, res) => {
    try {
      await handle(req, res);
    } catch (error) {
      log.error({ err: error }, 'a request failed');
      if (res.headersSent) res.destroy();
      else send(res, 500, faultPage('Sign-in failed', 'Something went wrong. Try again.', portalUrl));
    }
  });
  return { url, close: () => close(server) };
}

type Handler = (req: IncomingMessage, res: ServerResponse) => Promise<void> | void;

function createHandler(issuer: string, interaction: Handler, provider: Handler): Handler {
  const { host, protocol, pathname } = new URL(issuer);
  const mount = pathname.replace(/\/$/, '');
  return (req, res) => {
    const url = req.url ?? '/';
    const path = url.split('?')[0];
    res.setHeader('x-content-type-options', 'nosniff');
    res.setHeader('x-frame-options', 'DENY');
    // Not `no-referrer`: it would make browsers hide the origin of forms, which is checked.
    res.setHeader('referrer-policy', 'same-origin');
    res.setHeader('content-security-policy', contentSecurityPolicy());
    if (path === '/healthz') {
      res.writeHead(200, { 'content-type': 'application/json' });
      res.end('{"status":"ok"}');
      return;
    }
    // URLs in replies depend on the Host header. Other host names are refused, because of DNS rebinding.
    if (req.headers.host !== host) {
      res.writeHead(421, { 'content-type': 'text/plain; charset=utf-8' });
      res.end(`The address of this sign-in is ${issuer}\n`);
      return;
    }
    // A proxy may terminate TLS and strip the path. The library must use the issuer's scheme and path in URLs and cookies.
    req.headers['x-forwarded-proto'] = protocol.slice(0, -1);
    req.headers['x-forwarded-host'] = host;
    Object.assign(req, { originalUrl: mount + url });
    return path?.startsWith('/interaction/') ? interaction(req, res) : provider(req, res);
  };
}

async function listen(server: Server, { host, port, issuer }: OidcOptions): Promise<string> {
  server.listen({ host, port });
  try {
    await once(server, 'listening');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EADDRINUSE') {
      const message = `Port ${port} of ${host} is in use. Stop the program that uses it, or set SPINBAY_OIDC_PORT.`;
      throw new Error(message, { cause: error });
    }
    throw error;
  }
  return issuer ?? `http://${host}:${(server.address() as AddressInfo).port}`;
}

/** Gives requests in progress two seconds. */
async function close(server: Server): Promise<void> {
  const closed = new Promise<void>((resolve) => server.close(() => resolve()));
  server.closeIdleConnections();
  const timer = setTimeout(() => server.closeAllConnections(), 2_000);
  await closed;
  clearTimeout(timer);
}
