import { isIPv6 } from 'node:net';
import { certificateFiles } from '@spinbay/local-gateway';
import { StackError } from '../stack-error.ts';
import { chooseAddress, hostNames, isHostName, lanAddresses } from './addresses.ts';
import { ensureCertificates } from './certificates.ts';

export interface LanOptions {
  /** The address of this machine for phones. Default: SPINBAY_LAN_ADDRESS, then that of the default route. */
  readonly address?: string | undefined;
  /** A name for phones, instead of the address. */
  readonly name?: string | undefined;
}

/** The HTTPS address for phones. */
export interface Lan {
  readonly address: string;
  readonly publicUrl: string;
  /** Path of the certificate authority's certificate (PEM). */
  readonly authorityFile: string;
  /** Whether phones that accepted the previous authority must accept this one. */
  readonly hasOtherAuthority: boolean;
}

/**
 * Chooses the address and makes its certificate.
 * @throws StackError if there is no such address, the name is not a host name, or the authority cannot be read
 */
export async function prepareLan(dataDir: string, port: number, { address: wanted, name }: LanOptions): Promise<Lan> {
  const address = await chooseAddress(wanted);
  if (name !== undefined && !isHostName(name))
    throw new StackError(`--name ${name} is not a host name. Use a name like studio.example or studio.local.`);
  const hosts = [...new Set([...(name === undefined ? [] : [name.toLowerCase()]), ...hostNames()])];
  const others = lanAddresses().filter((other) => other !== address && !isIPv6(other));
  const { hasOtherAuthority } = await ensureCertificates(dataDir, { address, others, hosts });
  const host = name?.toLowerCase() ?? (isIPv6(address) ? `[${address}]` : address);
  const publicUrl = new URL(`https://${host}:${port}`).origin;
  return { address, publicUrl, authorityFile: certificateFiles(dataDir).authority, hasOtherAuthority };
}
