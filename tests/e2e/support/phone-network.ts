import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { chromiumOptions } from '@spinbay/runtime/testing';
import { type Machine, openMachine, reasonOf } from './machines.ts';

export interface PhoneNetwork {
  /**
   * The path of a program that starts a browser there. Undefined: a separate network is not possible, so the browser runs in
   * the network of the test.
   */
  readonly browser: string | undefined;
  remove(): Promise<void>;
}

/**
 * A network namespace for a phone: it can reach this machine's addresses, but not its loopback. Needs root. Without it the
 * browser runs in the network of the test.
 */
export async function makePhoneNetwork(folder: string): Promise<PhoneNetwork> {
  const machine = await openMachine().catch((error: Error) => {
    console.log(`The phone has no network of its own: ${reasonOf(error)}`);
    return undefined;
  });
  if (machine === undefined) return { browser: undefined, remove: async () => undefined };
  return { browser: await browserOn(machine, folder), remove: machine.remove };
}

/** Writes a program into `folder` that starts the browser on a machine. @returns its path */
export async function browserOn(machine: Machine, folder: string): Promise<string> {
  const chromium = chromiumOptions.executablePath;
  const browser = join(folder, 'chromium-of-the-phone');
  await writeFile(browser, `#!/bin/sh\nexec ${machine.command(chromium).join(' ')} "$@"\n`, { mode: 0o755 });
  return browser;
}
