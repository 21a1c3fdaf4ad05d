import type { Machine } from '../../e2e/support/machines.ts';
import type { Link } from '../../e2e/support/shaped-link.ts';

/** The path from one machine to a server on another one. */
export interface Route {
  readonly words: string;
  readonly from: Machine;
  readonly to: Machine;
  readonly link: Link;
  readonly url: string;
  /** The port of `from.host` at which `from` reaches the server. */
  readonly port: number;
}

/** What becomes of the connections that are open when the network breaks. */
export type Fate = 'survive' | 'are forgotten';

/** Prepares a machine whose packets can be dropped. */
export async function addPacketFilter({ run }: Machine): Promise<void> {
  const rules = [
    'add table inet spinbay',
    'add chain inet spinbay in { type filter hook input priority 0; }',
    'add chain inet spinbay out { type filter hook output priority 0; }',
    // Ports of this machine, and ports of the others.
    'add set inet spinbay own { type inet_service; }',
    'add set inet spinbay other { type inet_service; }',
    'add rule inet spinbay in tcp dport @own drop',
    'add rule inet spinbay out tcp sport @own drop',
    'add rule inet spinbay in tcp sport @other drop',
    'add rule inet spinbay out tcp dport @other drop',
  ];
  await run('nft', rules.join('; '));
}

/**
 * Drops every packet of a route while `during` runs. Neither end gets a reset or a refusal. Connections that 'are forgotten'
 * never work again, as after the restart of a firewall or the loss of a server's machine.
 */
export async function cut(route: Route, fate: Fate, during: () => Promise<void>): Promise<void> {
  const { from, to, link, url, port } = route;
  const [clients, servers] = [await openPorts(from, port), link.serverPorts(url)];
  await change(from, 'add', 'other', [port]);
  await change(to, 'add', 'other', servers);
  try {
    await during();
  } finally {
    if (fate === 'are forgotten') await change(from, 'add', 'own', clients);
    else await change(to, 'delete', 'other', servers);
    await change(from, 'delete', 'other', [port]);
  }
}

async function change(machine: Machine, verb: 'add' | 'delete', set: 'own' | 'other', ports: readonly number[]) {
  if (ports.length > 0) await machine.run('nft', `${verb} element inet spinbay ${set} { ${ports.join(', ')} }`);
}

/** The machine's own port of each open connection. */
async function openPorts(from: Machine, port: number): Promise<number[]> {
  const lines = await from.run('ss', '-Htn', 'state', 'established', 'dst', `${from.host}:${port}`);
  return lines.split('\n').flatMap((line) => {
    const own = /:(\d+)\s+\S+:\d+\s*$/.exec(line)?.[1];
    return own === undefined ? [] : [Number(own)];
  });
}
