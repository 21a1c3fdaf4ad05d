import type { Socket } from 'node:net';

/**
 * The kind of a connection's valid signature: `own` for a request of a process with a secret key, `guest` for a presigned
 * URL.
 */
export type Proof = 'own' | 'guest';

export interface ConnectionLimits {
  /** Maximum connections per address without a valid signature yet. */
  readonly unproven: number;
  /** Maximum connections of all addresses without a valid signature yet. */
  readonly unprovenInAll: number;
  /** Maximum connections per address with presigned URLs. */
  readonly guests: number;
}

export interface Connections {
  accept(socket: Socket): void;
  /** Call after verifying a signature on this connection. */
  prove(socket: Socket, proof: Proof): void;
}

/**
 * Limits the connections of clients without a key. Above a limit, the oldest connection of its kind is closed. Connections
 * of processes with a key do not count.
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
  /** Oldest first. */
  readonly #sockets = new Map<Socket, string>();
  readonly #byAddress = new Map<string, Set<Socket>>();

  constructor(perAddress: number, inAll: number) {
    this.#perAddress = perAddress;
    this.#inAll = inAll;
  }

  add(socket: Socket): void {
    if (this.#sockets.has(socket)) return;
    // Undefined after the socket is closed.
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

/** The close event then removes each socket from its lists. */
function close(sockets: Iterable<Socket>): void {
  for (const oldest of sockets) {
    oldest.destroy();
    return;
  }
}
