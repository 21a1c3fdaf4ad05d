import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** A network namespace with its own address, like another machine. It can reach this one, but not its loopback. */
export interface Machine {
  readonly name: string;
  readonly address: string;
  /** The address at which the namespace reaches the machine of the test, if necessary through `via`. */
  readonly host: string;
  /** The network interface of the machine, and the one at the other end of its cable. */
  readonly device: string;
  readonly peer: string;
  /** The arguments that run a program there. The first one is the program. */
  command(program: string, args?: readonly string[]): [string, ...string[]];
  /** Runs a program there to its end. @returns its output */
  run(program: string, ...args: string[]): Promise<string>;
  remove(): Promise<void>;
}

let opened = 0;
let block: Promise<string> | undefined;

/**
 * Finds 256 addresses that no other process uses, and returns their first three numbers. 198.18.0.0/15 is reserved for
 * benchmarks and never routed, so the addresses hide no real network.
 */
async function findBlock(): Promise<string> {
  const blocks = 512;
  for (let k = 0; k < blocks; k++) {
    const number = (process.pid + k) % blocks;
    const network = `198.${18 + (number >> 8)}.${number & 255}`;
    const { stdout } = await run('ip', ['-4', '-oneline', 'address', 'show', 'to', `${network}.0/24`]);
    if (stdout === '') return network;
  }
  throw new Error('every block of addresses is in use');
}

/**
 * Opens a machine. Needs root and the command `ip`.
 * @param via the machine that forwards its packets. Default: a direct link to the machine of the test
 * @throws Error where the system does not allow this
 */
export async function openMachine(via?: Machine): Promise<Machine> {
  const number = opened++;
  const name = `spinbay-${process.pid}-${number}`;
  const [peer, device] = [`sb${process.pid}h${number}`, `sb${process.pid}m${number}`];
  block ??= findBlock();
  const network = await block;
  const [gateway, address] = [`${network}.${number * 4 + 1}`, `${network}.${number * 4 + 2}`];
  const ip = (...args: string[]) => run('ip', args);
  const ipAtPeer = (...args: string[]) => (via === undefined ? ip(...args) : via.run('ip', ...args));
  const command = (program: string, args: readonly string[] = []): [string, ...string[]] => [
    ...(['ip', 'netns', 'exec', name, program] as const),
    ...args,
  ];
  const runThere = async (program: string, ...args: string[]) => {
    const [first, ...rest] = command(program, args);
    return (await run(first, rest)).stdout;
  };
  const remove = async () => {
    // Deleting one end of the pair deletes the other end, too.
    await ipAtPeer('link', 'delete', peer).catch(() => undefined);
    await ip('netns', 'delete', name).catch(() => undefined);
  };
  try {
    await ip('netns', 'add', name);
    await ip('link', 'add', peer, 'type', 'veth', 'peer', 'name', device);
    await ip('link', 'set', device, 'netns', name);
    if (via !== undefined) {
      await ip('link', 'set', peer, 'netns', via.name);
      await ip('route', 'add', `${network}.${number * 4}/30`, 'via', via.address);
      await via.run('sh', '-c', 'echo 1 > /proc/sys/net/ipv4/ip_forward');
    }
    await ipAtPeer('addr', 'add', `${gateway}/30`, 'dev', peer);
    await ipAtPeer('link', 'set', peer, 'up');
    await runThere('ip', 'addr', 'add', `${address}/30`, 'dev', device);
    await runThere('ip', 'link', 'set', device, 'up');
    await runThere('ip', 'link', 'set', 'lo', 'up');
    await runThere('ip', 'route', 'add', 'default', 'via', gateway);
  } catch (error) {
    await remove();
    throw error;
  }
  return { name, address, host: via?.host ?? gateway, device, peer, command, run: runThere, remove };
}

/** Why this system cannot open machines that run these commands. Undefined if it can. */
export async function whyNoMachines(...programs: readonly string[]): Promise<string | undefined> {
  try {
    const machine = await openMachine();
    try {
      for (const program of programs) await machine.run(program, '-V');
    } finally {
      await machine.remove();
    }
    return undefined;
  } catch (error) {
    return reasonOf(error as Error);
  }
}

/** The command that failed, and what it printed first. */
export function reasonOf({ message }: Error): string {
  return message.trim().split('\n').slice(0, 2).join(': ');
}
