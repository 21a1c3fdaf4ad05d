import type { Socket } from 'node:net';
import { BoundedSockets } from '@spinbay/runtime';

/**
 * The kind of a valid signature: `header` for a request of a process with a secret key, `presigned` for a request with
 * a presigned URL.
 */
export type SignatureKind = 'header' | 'presigned';

export interface ConnectionLimits {
  /** The maximum number of connections per address that have not sent a valid signature yet. */
  readonly unsigned: number;
  /** The maximum number of such connections from all addresses. */
  readonly unsignedTotal: number;
  /** The maximum number of connections per address that used presigned URLs. */
  readonly presigned: number;
}

export interface Connections {
  accept(socket: Socket): void;
  /** Call after verifying a signature on this connection. */
  setSigned(socket: Socket, kind: SignatureKind): void;
}

/**
 * Limits the connections of clients without a key. Above a limit, the oldest connection of that kind is closed. Connections
 * of processes with a key do not count.
 */
export function createConnections(limits: ConnectionLimits): Connections {
  const unsigned = new BoundedSockets({ perAddress: limits.unsigned, total: limits.unsignedTotal });
  const presigned = new BoundedSockets({ perAddress: limits.presigned, total: Number.POSITIVE_INFINITY });
  const withKey = new WeakSet<Socket>();
  return {
    accept(socket) {
      unsigned.add(socket);
      socket.once('close', () => {
        unsigned.remove(socket);
        presigned.remove(socket);
      });
    },
    setSigned(socket, kind) {
      if (withKey.has(socket) || socket.destroyed) return;
      unsigned.remove(socket);
      if (kind === 'header') {
        presigned.remove(socket);
        withKey.add(socket);
      } else presigned.add(socket);
    },
  };
}
