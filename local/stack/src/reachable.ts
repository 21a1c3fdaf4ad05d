import { lookup } from 'node:dns/promises';
import { BlockList, isIPv6 } from 'node:net';

interface Settings {
  readonly SPINBAY_HOST: string;
  readonly SPINBAY_PUBLIC_URL?: string | undefined;
  readonly SPINBAY_TRUSTED_PROXIES: readonly string[];
  readonly S3_PUBLIC_ENDPOINT?: string | undefined;
}

const loopback = new BlockList();
loopback.addSubnet('127.0.0.0', 8, 'ipv4');
loopback.addAddress('::1', 'ipv6');

/**
 * Whether other machines may be able to reach the installation: the servers listen on an address of the network, or a proxy
 * forwards requests to them.
 */
export async function isReachableByOthers(settings: Settings): Promise<boolean> {
  const { SPINBAY_HOST, SPINBAY_PUBLIC_URL, SPINBAY_TRUSTED_PROXIES, S3_PUBLIC_ENDPOINT } = settings;
  if (SPINBAY_PUBLIC_URL !== undefined || SPINBAY_TRUSTED_PROXIES.length > 0) return true;
  const hosts = [SPINBAY_HOST, ...(S3_PUBLIC_ENDPOINT === undefined ? [] : [new URL(S3_PUBLIC_ENDPOINT).hostname])];
  return (await Promise.all(hosts.map(isLoopback))).includes(false);
}

/** Whether all addresses of a host are loopback ones. A host that cannot be resolved does not count as loopback. */
export async function isLoopback(host: string): Promise<boolean> {
  const addresses = await lookup(host.replace(/^\[(.*)\]$/, '$1'), { all: true }).catch(() => []);
  return (
    addresses.length > 0 && addresses.every(({ address }) => loopback.check(address, isIPv6(address) ? 'ipv6' : 'ipv4'))
  );
}
