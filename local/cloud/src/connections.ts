import type { Socket } from 'node:net';

/**
 * What a connection has shown: `own`, a request signed by a process that has a secret key; `guest`, one under a presigned
 * URL.
 */
export type Proof = 'own' | 'guest';

export interface ConnectionLimits {
  /** Connections of one address that have not sent a valid signature yet. */
  readonly unproven: number;
  /** The same of all addresses. */
  readonly unprovenInAll: number;
  /** Connections of one address under presigned URLs. */
  readonly guests: number;
}

export interface Connections {
  accept(socket: Socket): void;
  /** After a signature on this connection was found valid. */
  prove(socket: Socket, proof: Proof): void;
}

/**
 * Bounds the connections that strangers can hold. Over a limit the oldest of its kind is closed: one that is silent gives
 * way to one that has just come, and those of our own processes are never counted.
 */
export function createConnections(limits: ConnectionLimits): Connections {
  const unproven = new Bounded(limits.unproven, limits.unprovenInAll);
  const guests = new Bounded(limits.guests, Number.POSITIVE_INFINITY);
  const own = new WeakSet<Socket>();
  return {
    accept(socket) {
      unproven.add(socket);
      socket.once('close', () => {
        unproven.remove(socket);
        guests.remove(socket);
      });
    },
    prove(socket, proof) {
      if (own.has(socket) || socket.destroyed) return;
      unproven.remove(socket);
      if (proof === 'own') {
        guests.remove(socket);
        own.add(socket);
      } else guests.add(socket);
    },
  };
}

class Bounded {
  readonly #perAddress: number;
  readonly #inAll: number;
  /** In the order of their coming. */
  readonly #sockets = new Map<Socket, string>();
  readonly #byAddress = new Map<string, Set<Socket>>();

  constructor(perAddress: number, inAll: number) {
    this.#perAddress = perAddress;
    this.#inAll = inAll;
  }

  add(socket: Socket): void {
    if (this.#sockets.has(socket)) return;
    // Undefined once the socket is closed.
    const address = socket.remoteAddress ?? '';
    const ofAddress = this.#byAddress.get(address) ?? new Set<Socket>();
    this.#byAddress.set(address, ofAddress);
    ofAddress.add(socket);
    this.#sockets.set(socket, address);
    if (ofAddress.size > this.#perAddress) close(ofAddress);
    else if (this.#sockets.size > this.#inAll) close(this.#sockets.keys());
  }

  remove(socket: Socket): void {
    const address = this.#sockets.get(socket);
    if (address === undefined) return;
    this.#sockets.delete(socket);
    const ofAddress = this.#byAddress.get(address);
    ofAddress?.delete(socket);
    if (ofAddress?.size === 0) this.#byAddress.delete(address);
  }
}

/** The close event takes it out of its lists. */
function close(sockets: Iterable<Socket>): void {
  for (const oldest of sockets) {
    oldest.destroy();
    return;
  }
}
