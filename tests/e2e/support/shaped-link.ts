import { once } from 'node:events';
import { connect as connectTo, createServer, type Server, type Socket } from 'node:net';

export interface LinkSpeed {
  /** Rate in each direction, in bytes per second. */
  readonly upBytesPerSecond: number;
  readonly downBytesPerSecond: number;
  /** Round-trip time in ms: half in each direction, plus one round trip for each new connection. */
  readonly roundTripMs: number;
}

/** What the network does with the connections to a server. */
export type Condition =
  | { readonly kind: 'open' }
  /** Connections break, and new ones are closed at once. */
  | { readonly kind: 'cut' }
  /** Something else answers every request: a captive portal, a load balancer without a server. */
  | {
      readonly kind: 'answer';
      readonly status: number;
      readonly type: string;
      readonly body: string;
      /** Whether pages of other origins may read the answer, like the replies of the servers themselves. */
      readonly cors: boolean;
    };

export interface Link {
  /** For the own port of each server, the port at which clients of the link reach it. */
  readonly ports: ReadonlyMap<number, number>;
  /** Chromium arguments that route the servers' usual addresses through the link. */
  readonly chromiumArgs: readonly string[];
  /** @param url of one server. Default: all servers */
  set(condition: Condition, url?: string): void;
  /** The local ports of its open connections to a server. */
  serverPorts(url: string): number[];
  /** Bytes that passed through the link so far. */
  bytes(): { readonly up: number; readonly down: number };
  close(): Promise<void>;
}

/** Small, so that connections share the link fairly, like packets. */
const pieceBytes = 4096;

/**
 * A network between a client and servers: TCP proxies that share one rate in each direction.
 * @param host the address of this machine for the client
 */
export async function openLink(
  urls: readonly string[],
  speed: Partial<LinkSpeed> = {},
  host = '127.0.0.1',
): Promise<Link> {
  const { upBytesPerSecond, downBytesPerSecond, roundTripMs = 0 } = speed;
  const up = new Pipe(upBytesPerSecond, roundTripMs / 2);
  const down = new Pipe(downBytesPerSecond, roundTripMs / 2);
  const targets = new Map(urls.map((url) => [Number(new URL(url).port), new URL(url).hostname]));
  const proxies = await Promise.all(
    [...targets].map(([port, hostname]) => LinkProxy.open({ host: hostname, port }, host, up, down)),
  );
  const rules = proxies.map(({ target, port }) => `MAP ${target.host}:${target.port} ${host}:${port}`);
  return {
    ports: new Map(proxies.map((proxy) => [proxy.target.port, proxy.port])),
    chromiumArgs: [`--host-resolver-rules=${rules.join(',')}`],
    set(condition, url) {
      for (const proxy of proxies)
        if (url === undefined || Number(new URL(url).port) === proxy.target.port) proxy.set(condition);
    },
    serverPorts: (url) =>
      proxies.flatMap((proxy) => (proxy.target.port === Number(new URL(url).port) ? proxy.serverPorts() : [])),
    bytes: () => ({ up: up.bytes, down: down.bytes }),
    close: async () => {
      await Promise.all(proxies.map((proxy) => proxy.close()));
    },
  };
}

/** One direction. Each sender waits until all earlier bytes were sent. */
class Pipe {
  readonly #rate: number | undefined;
  readonly #delayMs: number;
  #free = 0;
  bytes = 0;

  constructor(bytesPerSecond: number | undefined, delayMs: number) {
    this.#rate = bytesPerSecond;
    this.#delayMs = delayMs;
  }

  /** Forwards bytes in order. It reads a sender no faster than the rate of the link. */
  async forward(from: Socket, to: Socket, firstDelayMs: number): Promise<void> {
    if (firstDelayMs > 0) await sleep(firstDelayMs);
    for await (const chunk of from as AsyncIterable<Buffer>) {
      const size = this.#rate === undefined ? chunk.length : pieceBytes;
      for (let at = 0; at < chunk.length; at += size) {
        const piece = chunk.subarray(at, at + size);
        await this.#pass(piece.length);
        this.#deliver(() => to.write(piece));
        if (to.writableLength > 1_000_000) await once(to, 'drain');
      }
    }
    this.#deliver(() => to.end());
  }

  async #pass(bytes: number): Promise<void> {
    if (this.#rate !== undefined) {
      const now = performance.now();
      this.#free = Math.max(this.#free, now) + (bytes * 1000) / this.#rate;
      // Timers are late. The next pieces make up for the delay.
      if (this.#free - now > 2) await sleep(this.#free - now);
    }
    this.bytes += bytes;
  }

  #deliver(send: () => void): void {
    if (this.#delayMs > 0) setTimeout(send, this.#delayMs);
    else send();
  }

  get roundTripMs(): number {
    return this.#delayMs * 2;
  }
}

interface Target {
  readonly host: string;
  readonly port: number;
}

/** Listens as a proxy of one server. */
class LinkProxy {
  readonly target: Target;
  readonly port: number;
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();
  #condition: Condition = { kind: 'open' };

  private constructor(target: Target, server: Server, port: number) {
    this.target = target;
    this.#server = server;
    this.port = port;
  }

  static async open(target: Target, host: string, up: Pipe, down: Pipe): Promise<LinkProxy> {
    const server = createServer({ allowHalfOpen: true, noDelay: true });
    server.listen(0, host);
    await once(server, 'listening');
    const proxy = new LinkProxy(target, server, (server.address() as { port: number }).port);
    server.on('connection', (client) => proxy.#accept(client, up, down));
    return proxy;
  }

  serverPorts(): number[] {
    return [...this.#sockets].flatMap(({ remotePort, localPort }) =>
      remotePort === this.target.port && localPort !== undefined ? [localPort] : [],
    );
  }

  set(condition: Condition): void {
    this.#condition = condition;
    if (condition.kind !== 'open') for (const socket of this.#sockets) socket.destroy();
  }

  async close(): Promise<void> {
    this.set({ kind: 'cut' });
    await new Promise((resolve) => this.#server.close(resolve));
  }

  #accept(client: Socket, up: Pipe, down: Pipe): void {
    this.#keep(client);
    if (this.#condition.kind === 'cut') {
      client.destroy();
      return;
    }
    if (this.#condition.kind === 'answer') {
      answer(client, this.#condition);
      return;
    }
    const server = connectTo({ ...this.target, allowHalfOpen: true, noDelay: true });
    this.#keep(server);
    const end = () => {
      client.destroy();
      server.destroy();
    };
    client.on('close', () => server.destroy());
    server.on('close', () => setTimeout(() => client.end(), down.roundTripMs));
    up.forward(client, server, up.roundTripMs).catch(end);
    down.forward(server, client, 0).catch(end);
  }

  #keep(socket: Socket): void {
    this.#sockets.add(socket);
    socket.on('error', () => socket.destroy());
    socket.on('close', () => this.#sockets.delete(socket));
  }
}

/** Answers the first request after its headers have arrived. With `cors`, it also answers preflight requests. */
function answer(client: Socket, { status, type, body, cors }: Condition & { kind: 'answer' }): void {
  let head = '';
  client.on('data', (chunk: Buffer) => {
    if (head.includes('\r\n\r\n')) return;
    head += chunk.toString('latin1');
    if (!head.includes('\r\n\r\n')) return;
    const isPreflight = cors && head.startsWith('OPTIONS');
    const names = /access-control-request-headers: (.*)\r\n/i.exec(head)?.[1] ?? '';
    const lines = [
      isPreflight ? 'HTTP/1.1 204 No Content' : `HTTP/1.1 ${status} -`,
      ...(isPreflight ? [] : [`content-type: ${type}`, `content-length: ${Buffer.byteLength(body)}`]),
      ...(cors ? ['access-control-allow-origin: *', 'access-control-allow-methods: GET, POST, PUT, PATCH'] : []),
      ...(names === '' || !cors ? [] : [`access-control-allow-headers: ${names}`]),
      'connection: close',
    ];
    client.end(`${lines.join('\r\n')}\r\n\r\n${isPreflight ? '' : body}`);
  });
}

function sleep(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
