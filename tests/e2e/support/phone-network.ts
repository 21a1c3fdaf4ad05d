import { execFile } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);

export interface PhoneNetwork {
  /** Starts a browser there. Undefined: a separate network is not possible, and the browser runs in the test's network. */
  readonly browser: string | undefined;
  remove(): Promise<void>;
}

/**
 * A network namespace with its own address, like a phone: it can reach this machine's addresses, but not its loopback.
 * Needs root; without it the browser uses the machine's own address.
 */
export async function makePhoneNetwork(folder: string): Promise<PhoneNetwork> {
  const name = `spinbay-${process.pid}`;
  const [here, there] = [`sb${process.pid}h`, `sb${process.pid}p`];
  // Networks for documentation and benchmarks are not routed, so they hide no real network.
  const third = process.pid % 250;
  const ip = (...args: string[]) => run('ip', args);
  const inside = (...args: string[]) => ip('netns', 'exec', name, 'ip', ...args);
  const remove = async () => {
    // Deleting one end of the pair deletes the other end, too.
    await ip('link', 'delete', here).catch(() => undefined);
    await ip('netns', 'delete', name).catch(() => undefined);
  };
  try {
    await ip('netns', 'add', name);
    await ip('link', 'add', here, 'type', 'veth', 'peer', 'name', there);
    await ip('link', 'set', there, 'netns', name);
    await ip('addr', 'add', `198.18.${third}.1/24`, 'dev', here);
    await ip('link', 'set', here, 'up');
    await inside('addr', 'add', `198.18.${third}.2/24`, 'dev', there);
    await inside('link', 'set', there, 'up');
    await inside('link', 'set', 'lo', 'up');
    await inside('route', 'add', 'default', 'via', `198.18.${third}.1`);
  } catch {
    await remove();
    return { browser: undefined, remove: async () => undefined };
  }
  const chromium = process.env.PLAYWRIGHT_CHROMIUM_PATH ?? '/usr/bin/chromium';
  const browser = join(folder, 'chromium-of-the-phone');
  await writeFile(browser, `#!/bin/sh\nexec ip netns exec ${name} '${chromium}' "$@"\n`, { mode: 0o755 });
  return { browser, remove };
}
