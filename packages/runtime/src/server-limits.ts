import type { IncomingMessage, Server } from 'node:http';
import { BlockList, isIPv6, type Socket } from 'node:net';

/** The options of every HTTP server: the time that a client may take, in ms, and the size of its headers, in bytes. */
export const serverOptions = {
  headersTimeout: 10_000,
  /** The limit for receiving a whole request. A server that receives photos allows more. */
  requestTimeout: 30_000,
  /** How often Node.js checks the two limits above. Its default is 30 s. */
  connectionsCheckingInterval: 2_000,
  keepAliveTimeout: 65_000,
  maxHeaderSize: 16 * 1024,
} as const;

/** A connection without traffic for this long is closed, such as one whose client does not read the reply. */
export const idleTimeoutMs = 120_000;

export interface SocketLimits {
  /** A function gives each address its own limit. */
  readonly perAddress: number | ((address: string) => number);
  readonly total: number;
  /** Whether the connection is in use, so that a new one must not replace it. */
  readonly isBusy?: (socket: Socket) => boolean;
}

/**
 * Limits the connections per address and in total. Above a limit, the connection that has been idle longest is closed,
 * or the new one if all others are busy.
 */
export class BoundedSockets {
  readonly #limits: SocketLimits;
  /** In the order in which they were opened or last finished a request, oldest first. */
  readonly #sockets = new Map<Socket, string>();
  readonly #byAddress = new Map<string, Set<Socket>>();

  constructor(limits: SocketLimits) {
    this.#limits = limits;
  }

  add(socket: Socket): void {
    if (this.#sockets.has(socket)) return;
    // Undefined after the socket is closed.
    const address = socket.remoteAddress ?? '';
    const ofAddress = this.#byAddress.get(address) ?? new Set<Socket>();
    this.#byAddress.set(address, ofAddress);
    ofAddress.add(socket);
    this.#sockets.set(socket, address);
    const { perAddress } = this.#limits;
    const limit = typeof perAddress === 'number' ? perAddress : perAddress(address);
    if (ofAddress.size > limit) this.#close(ofAddress);
    else if (this.#sockets.size > this.#limits.total) this.#close(this.#sockets.keys());
  }

  /** Records that a connection was just used, so it is the last to be closed. */
  touch(socket: Socket): void {
    const address = this.#sockets.get(socket);
    if (address === undefined) return;
    this.#sockets.delete(socket);
    this.#sockets.set(socket, address);
    const ofAddress = this.#byAddress.get(address);
    ofAddress?.delete(socket);
    ofAddress?.add(socket);
  }

  remove(socket: Socket): void {
    const address = this.#sockets.get(socket);
    if (address === undefined) return;
    this.#sockets.delete(socket);
    const ofAddress = this.#byAddress.get(address);
    ofAddress?.delete(socket);
    if (ofAddress?.size === 0) this.#byAddress.delete(address);
  }

  /** Closes the first connection that is not busy. If all others are busy, closes the last one, which is the new one. */
  #close(sockets: Iterable<Socket>): void {
    let last: Socket | undefined;
    for (const socket of sockets) {
      last = socket;
      if (this.#limits.isBusy?.(socket) !== true) break;
    }
    if (last === undefined) return;
    // The close event comes later. Until then, the next connection must not select this one again.
    this.remove(last);
    last.destroy();
  }
}

export interface ConnectionOptions {
  readonly perAddress?: number;
  readonly total?: number;
  /** IP addresses and networks (10.0.0.0/8) of proxies, which connect on behalf of many clients. */
  readonly trustedProxies?: readonly string[];
}

/**
 * Limits the connections of a server, so that silent or slow clients of one address do not block others. A connection
 * is busy from the time a request and its body have arrived until its reply has ended.
 */
export function limitConnections(server: Server, options: ConnectionOptions = {}): void {
  const { perAddress = 256, total = 2_000, trustedProxies = [] } = options;
  // A TLS server has two sockets for one connection. Both have the same client address and port, which identify it here.
  const running = new Map<string, Set<IncomingMessage>>();
  const keys = new WeakMap<Socket, string>();
  const isBusy = (socket: Socket) =>
    [...(running.get(keys.get(socket) ?? '') ?? [])].some((request) => request.complete);
  const isProxy = listOf(trustedProxies);
  const sockets = new BoundedSockets({
    perAddress: (address) => (isProxy(address) ? total : perAddress),
    total,
    isBusy,
  });
  const raw = new Map<string, Socket>();
  server.setTimeout(idleTimeoutMs);
  server.on('connection', (socket) => {
    const key = keyOf(socket);
    keys.set(socket, key);
    raw.set(key, socket);
    socket.once('close', () => {
      sockets.remove(socket);
      if (raw.get(key) === socket) raw.delete(key);
    });
    sockets.add(socket);
  });
  server.on('request', (request, response) => {
    const key = keyOf(request.socket);
    const requests = running.get(key) ?? new Set<IncomingMessage>();
    running.set(key, requests.add(request));
    response.once('close', () => {
      requests.delete(request);
      if (requests.size === 0) running.delete(key);
      const socket = raw.get(key);
      if (socket !== undefined) sockets.touch(socket);
    });
  });
}

function keyOf({ remoteAddress, remotePort }: Socket): string {
  return `${remoteAddress} ${remotePort}`;
}

function listOf(proxies: readonly string[]): (address: string) => boolean {
  const list = new BlockList();
  const family = (address: string) => (isIPv6(address) ? 'ipv6' : 'ipv4');
  for (const proxy of proxies) {
    const [address = '', bits] = proxy.split('/');
    if (bits === undefined) list.addAddress(address, family(address));
    else list.addSubnet(address, Number(bits), family(address));
  }
  return (address) => address !== '' && list.check(address, family(address));
}
