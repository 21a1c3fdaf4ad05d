import type { LinkShape } from './link-shapes.ts';
import { type Machine, openMachine, reasonOf } from './machines.ts';
import { browserOn } from './phone-network.ts';
import { type Link, openLink } from './shaped-link.ts';

/** A network of this shape between a phone and servers on this machine. */
export interface ShapedNetwork {
  /** What shapes it. */
  readonly shaper: string;
  /** Whether it loses packets. */
  readonly isLossy: boolean;
  /** The address of this machine for the phone. */
  readonly host: string;
  /** For the own port of each server, the port of `host` at which the phone reaches it. */
  readonly ports: ReadonlyMap<number, number>;
  /** Options of `openPhone` for a browser behind this network. */
  readonly phone: { readonly executable?: string; readonly args: readonly string[] };
  /** The arguments that run a program behind this network. The first one is the program. */
  command(program: string, args: readonly string[]): [string, ...string[]];
  close(): Promise<void>;
}

/**
 * The phone is a network namespace. `tc tbf` limits the rate, nftables drop packets on the way, and a proxy delays what
 * passes. Where the system does not allow this (it needs root, and the commands `ip`, `tc` and `nft`), a proxy does all of
 * it, except that it loses nothing.
 */
export async function openShapedNetwork(
  urls: readonly string[],
  { speed, loss }: LinkShape,
  folder: string,
): Promise<ShapedNetwork> {
  const machines = await openShapedMachines({ speed, loss }).catch((error: Error) => error);
  if (machines instanceof Error) {
    const link = await openLink(urls, speed);
    return {
      shaper: `a proxy with a token bucket, without loss, because ${reasonOf(machines)}`,
      isLossy: false,
      host: '127.0.0.1',
      ports: link.ports,
      phone: { args: link.chromiumArgs },
      command: (program, args) => [program, ...args],
      close: link.close,
    };
  }
  const { phone, cell } = machines;
  const close = async (link?: Link) => {
    await link?.close();
    await phone.remove();
    await cell.remove();
  };
  try {
    const link = await openLink(urls, { roundTripMs: speed?.roundTripMs ?? 0 }, phone.host);
    return {
      shaper: 'tc and nftables in a network namespace, and a proxy for the delay',
      isLossy: loss > 0,
      host: phone.host,
      ports: link.ports,
      phone: { executable: await browserOn(phone, folder), args: link.chromiumArgs },
      command: phone.command,
      close: () => close(link),
    };
  } catch (error) {
    await close();
    throw error;
  }
}

/** A phone, and the cell of the mobile network that forwards its packets. The cell loses packets, unseen by both ends. */
async function openShapedMachines({ speed, loss }: Pick<LinkShape, 'speed' | 'loss'>) {
  const cell = await openMachine();
  let phone: Machine | undefined;
  try {
    phone = await openMachine(cell);
    if (speed !== undefined) {
      await limitRate(phone, phone.device, speed.upBytesPerSecond);
      await limitRate(cell, phone.peer, speed.downBytesPerSecond);
    }
    const rules = [
      'add table inet spinbay',
      'add chain inet spinbay pass { type filter hook forward priority 0; }',
      `add rule inet spinbay pass numgen random mod 10000 < ${Math.round(loss * 10_000)} drop`,
    ];
    if (loss > 0) await cell.run('nft', rules.join('; '));
    return { phone, cell };
  } catch (error) {
    await phone?.remove();
    await cell.remove();
    throw error;
  }
}

/** Limits what leaves a machine through one of its interfaces. Packets that would wait more than 0.5 s are dropped. */
async function limitRate(machine: Machine, device: string, bytesPerSecond: number): Promise<void> {
  // At least two packets, and what passes between two ticks of the kernel's clock.
  const burst = Math.max(3_100, Math.ceil(bytesPerSecond / 100));
  const rate = `${Math.round(bytesPerSecond * 8)}bit`;
  await machine.run(
    'tc',
    ...'qdisc add dev'.split(' '),
    device,
    'root',
    'tbf',
    'rate',
    rate,
    'burst',
    `${burst}b`,
    'latency',
    '500ms',
  );
}
