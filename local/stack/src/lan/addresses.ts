import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { hostname, networkInterfaces } from 'node:os';
import { StackError } from '../stack-error.ts';

/** Addresses at which other machines reach this one. Link-local IPv6 is left out, because browsers cannot open it. */
export function lanAddresses(): string[] {
  return Object.values(networkInterfaces())
    .flatMap((addresses) => addresses ?? [])
    .filter(({ internal, address }) => !internal && !/^fe[89ab]/i.test(address))
    .sort((a, b) => a.family.localeCompare(b.family))
    .map(({ address }) => address);
}

/**
 * The address for phones: the requested one, else that of the default route, else the first.
 * @throws StackError if this machine does not have the requested address, or has no address at all
 */
export async function chooseAddress(wanted: string | undefined, own = lanAddresses()): Promise<string> {
  if (own.length === 0)
    throw new StackError(
      'This machine is not connected to a network, so phones cannot reach it. Connect it to the network of the phones, then start again.',
    );
  if (wanted === undefined) {
    const routed = await defaultRouteAddress();
    return own.find((address) => address === routed) ?? (own[0] as string);
  }
  if (own.includes(wanted)) return wanted;
  throw new StackError(`This machine does not have the address ${wanted}. It has ${own.join(', ')}.`);
}

/** The address from which the system would send. Connecting a UDP socket sends nothing. */
async function defaultRouteAddress(): Promise<string | undefined> {
  const socket = createSocket('udp4');
  try {
    const connected = once(socket, 'connect');
    // An address that is reserved for documentation.
    socket.connect(9, '203.0.113.1');
    await connected;
    return socket.address().address;
  } catch {
    return undefined;
  } finally {
    socket.close();
  }
}

/** Names of this machine: its host name, and its multicast DNS name, which needs no name server. */
export function hostNames(own = hostname()): string[] {
  const name = own.toLowerCase();
  const names = [name, `${name.split('.')[0]}.local`];
  return [...new Set(names)].filter(isHostName);
}

export function isHostName(name: string): boolean {
  return (
    name.length <= 253 && /^([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?)(\.[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?)*$/i.test(name)
  );
}
