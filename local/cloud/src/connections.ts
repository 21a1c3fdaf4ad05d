import type { Socket } from 'node:net';
import { BoundedSockets } from '@spinbay/runtime';

/**
 * The kind of a connection's valid signature: `own` for a request of a process with a secret key, `guest` for a presigned
 * URL.
 */
export type Proof = 'own' | 'guest';

export interface ConnectionLimits {
  /** Maximum connections per address without a valid signature yet. */
  readonly unproven: number;
  /** Maximum connections of all addresses without a valid signature yet. */
  readonly unprovenTotal: number;
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
  const unproven = new BoundedSockets({ perAddress: limits.unproven, total: limits.unprovenTotal });
  const guests = new BoundedSockets({ perAddress: limits.guests, total: Number.POSITIVE_INFINITY });
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
