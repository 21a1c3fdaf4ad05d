import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Logger } from './log.ts';
import { limitConnections, serverOptions } from './server-limits.ts';
import { type Encoding, readStaticFiles, type StaticFile, staticFile } from './static-files.ts';

export interface AppOptions {
  /** The name for messages, such as "portal". */
  readonly name: string;
  readonly host: string;
  /** 0: any free port. */
  readonly port: number;
  /** The folder of the built app. */
  readonly root: string;
  /** The content of `/config.json`. */
  readonly config: object;
  /** The headers of every reply, e.g. the content security policy. */
  readonly headers: Readonly<Record<string, string>>;
  /**
   * The public address. If it is a loopback address, requests to another loopback name (`localhost`, `[::1]`) are redirected
   * to it, because the sign-in provider and the API know only this address. If it has a path, a reverse proxy removes the
   * path from requests, and the page adds it to its addresses.
   */
  readonly publicUrl?: string | undefined;
  readonly log: Pick<Logger, 'info' | 'error'>;
}

const loopbackNames = new Set(['localhost', '127.0.0.1', '[::1]']);

/** Serves a built web app, its `/config.json`, and `index.html` for every page of the app. */
export async function serveApp(options: AppOptions): Promise<{ url: string; close(): Promise<void> }> {
  const { name, root, headers } = options;
  const files = await readStaticFiles(root).catch((error: unknown) => {
    throw new Error(`The built ${name} cannot be read from ${root}. Run \`npm run build\`.`, { cause: error });
  });
  const built = files.get('/index.html');
  if (!built) throw new Error(`The built ${name} is missing in ${root}. Run \`npm run build\`.`);
  files.set('/config.json', staticFile('config.json', Buffer.from(JSON.stringify(options.config)), false));
  const publicUrl = options.publicUrl === undefined ? null : new URL(options.publicUrl);
  const index = publicUrl === null || publicUrl.pathname === '/' ? built : withBase(publicUrl, built, name);
  files.set('/index.html', index);

  const server = createServer(serverOptions, (request, response) => {
    for (const [header, value] of Object.entries(headers)) response.setHeader(header, value);
    answer(request, response, { files, index, publicUrl }).catch((error: unknown) => {
      options.log.error({ err: error, path: request.url }, 'a request failed');
      if (response.headersSent) response.destroy();
      else plain(response, 500, 'Something went wrong. Try again.');
    });
  });
  limitConnections(server);
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(options.port, options.host, () => resolve());
  });
  const { port } = server.address() as AddressInfo;
  const url = `http://${options.host.includes(':') ? `[${options.host}]` : options.host}:${port}`;
  options.log.info({ url, files: files.size }, `serving the ${name}`);
  return {
    url,
    close: () =>
      new Promise((resolve, reject) => {
        server.close((error) => (error ? reject(error) : resolve()));
        // Browsers keep connections open. Replies come from memory, so one second is enough to finish them.
        setTimeout(() => server.closeAllConnections(), 1000).unref();
      }),
  };
}

const baseAtRoot = '<base href="/" />';

/** Returns the page with the path of the public URL as its `<base>`. The app must be built with relative addresses. */
function withBase({ pathname }: URL, index: StaticFile, name: string): StaticFile {
  const html = index.body.toString();
  if (!html.includes(baseAtRoot))
    throw new Error(`The ${name} cannot be served under a path (${pathname}). Give it an address without one.`);
  // A URL's path has no quotes or angle brackets: they are percent-encoded.
  const body = html.replace(baseAtRoot, `<base href="${pathname.replace(/\/*$/, '/').replaceAll('&', '&amp;')}" />`);
  return staticFile('index.html', Buffer.from(body), false);
}

interface Site {
  readonly files: ReadonlyMap<string, StaticFile>;
  readonly index: StaticFile;
  readonly publicUrl: URL | null;
}

async function answer(request: IncomingMessage, response: ServerResponse, site: Site): Promise<void> {
  if (request.method !== 'GET' && request.method !== 'HEAD') {
    response.setHeader('allow', 'GET, HEAD');
    plain(response, 405, 'Only GET and HEAD are allowed.');
    return;
  }
  const { url = '/' } = request;
  const [path = '/'] = url.split('?', 1);
  const elsewhere = site.publicUrl && otherNameOf(site.publicUrl, request.headers.host);
  if (elsewhere) {
    // The URL is appended to the origin as text, so `//evil.example` cannot become another host.
    response.setHeader('location', `${elsewhere}/${url.replace(/^\/+/, '')}`);
    plain(response, 307, 'This app is served at its public address.');
    return;
  }
  const file = site.files.get(path) ?? (isPage(path) ? site.index : undefined);
  if (file) await sendFile(request, response, file);
  else plain(response, 404, 'The file does not exist.');
}

/** A path without a file extension is a page of the app. A missing file must not be answered with a page. */
function isPage(path: string): boolean {
  return !path.startsWith('/assets/') && !/\.[a-z0-9]+$/i.test(path);
}

/** The origin to redirect to if the request uses another loopback name of this machine. */
function otherNameOf(publicUrl: URL, host: string | undefined): string | null {
  if (host === undefined || host === publicUrl.host || !loopbackNames.has(publicUrl.hostname)) return null;
  const name = host.replace(/:\d+$/, '').toLowerCase();
  const port = /:(\d+)$/.exec(host)?.[1] ?? '80';
  const samePort = port === (publicUrl.port || '80');
  return samePort && loopbackNames.has(name) && name !== publicUrl.hostname ? publicUrl.origin : null;
}

async function sendFile(request: IncomingMessage, response: ServerResponse, file: StaticFile): Promise<void> {
  const encoding = acceptedEncoding(request.headers['accept-encoding']);
  const encoded = encoding === null ? null : file.encoded(encoding);
  const etag = `"${file.etag}${encoded ? `-${encoding}` : ''}"`;
  response.setHeader('etag', etag);
  response.setHeader('cache-control', file.cacheControl);
  response.setHeader('vary', 'accept-encoding');
  if (request.headers['if-none-match']?.split(/\s*,\s*/).some((known) => known.replace(/^W\//, '') === etag)) {
    response.writeHead(304).end();
    return;
  }
  const body = encoded ? await encoded : file.body;
  if (encoded && encoding) response.setHeader('content-encoding', encoding);
  response.setHeader('content-type', file.type);
  response.setHeader('content-length', body.length);
  response.writeHead(200);
  response.end(request.method === 'HEAD' ? undefined : body);
}

function acceptedEncoding(header: string | undefined): Encoding | null {
  const wanted = new Set(
    (header ?? '')
      .toLowerCase()
      .split(',')
      .filter((part) => !/;\s*q=0(\.0*)?\s*$/.test(part))
      .map((part) => part.split(';', 1)[0]?.trim()),
  );
  if (wanted.has('br')) return 'br';
  return wanted.has('gzip') ? 'gzip' : null;
}

function plain(response: ServerResponse, status: number, text: string): void {
  response.writeHead(status, { 'content-type': 'text/plain; charset=utf-8', 'cache-control': 'no-store' });
  response.end(response.req.method === 'HEAD' ? undefined : `${text}\n`);
}
