import { createPrivateKey, randomBytes, webcrypto, X509Certificate } from 'node:crypto';
import { mkdir, readFile } from 'node:fs/promises';
import { BlockList, isIP } from 'node:net';
import { dirname, join } from 'node:path';
import { AsnConvert } from '@peculiar/asn1-schema';
import {
  GeneralName,
  GeneralSubtree,
  GeneralSubtrees,
  id_ce_nameConstraints,
  NameConstraints,
} from '@peculiar/asn1-x509';
import * as x509 from '@peculiar/x509';
import { certificateFiles } from '@spinbay/local-gateway';
import { exists, writeText } from '../data-folder.ts';
import { StackError } from '../stack-error.ts';

const day = 86_400_000;
const authorityDays = 3650;
/** Days. Phones refuse certificates of more than 398 days. */
const serverDays = 397;
/** A start renews a certificate that expires sooner. An installation that is not restarted can run at least this long. */
const renewBeforeDays = 180;
const algorithm = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' };

/** Private networks. The authority may certify any future address of this machine in them. */
const privateNetworks = [
  '10.0.0.0/8',
  '172.16.0.0/12',
  '192.168.0.0/16',
  '169.254.0.0/16',
  '100.64.0.0/10',
  'fc00::/7',
];

export interface Names {
  /** The address for phones. */
  readonly address: string;
  /** The other addresses of this machine. */
  readonly others: readonly string[];
  readonly hosts: readonly string[];
}

/**
 * Makes sure that the data folder has a certificate authority and a certificate for these names.
 * @returns whether phones that accepted an earlier authority must accept this one
 * @throws StackError if the files of the existing authority cannot be read
 */
export async function ensureCertificates(
  dataDir: string,
  names: Names,
  now: Date = new Date(),
): Promise<{ hasOtherAuthority: boolean }> {
  const files = certificateFiles(dataDir);
  await mkdir(dirname(files.authority), { recursive: true, mode: 0o700 });
  const kept = await readAuthority(dataDir);
  const isGood = kept !== null && mayCertify(kept.certificate, names) && endsAfter(kept.certificate, now, serverDays);
  const authority = isGood ? kept : await makeAuthority(dataDir, names, now);
  // Only addresses that the authority may certify: any other would make the whole certificate invalid.
  const allowed = permittedBy(authority.certificate);
  const others = names.others.filter((address) => isPermitted(allowed, address));
  const wanted = [...new Set([names.address, ...others, ...names.hosts])].sort();
  const hasOtherAuthority = await isFromAnother(files.cert, authority);
  if (!isGood || !(await isUpToDate(files, authority, wanted, now))) await makeServer(files, authority, wanted, now);
  return { hasOtherAuthority };
}

interface Authority {
  readonly certificate: x509.X509Certificate;
  readonly key: webcrypto.CryptoKey;
}

/** @returns null if a file is missing, or if the files do not match, as after a crash during a renewal of the authority */
async function readAuthority(dataDir: string): Promise<Authority | null> {
  const { authority, authorityKey } = certificateFiles(dataDir);
  if (!(await exists(authority)) || !(await exists(authorityKey))) return null;
  try {
    const [text, key] = [await readFile(authority, 'utf8'), createPrivateKey(await readFile(authorityKey, 'utf8'))];
    const certificate = new x509.X509Certificate(text);
    if (!new X509Certificate(text).checkPrivateKey(key)) return null;
    const der = key.export({ type: 'pkcs8', format: 'der' });
    return { certificate, key: await webcrypto.subtle.importKey('pkcs8', der, algorithm, false, ['sign']) };
  } catch (error) {
    throw new StackError(
      `The certificate authority in ${join(dataDir, 'lan')} is damaged. Restore a copy of the folder, or remove it. Without it, the next start makes a new authority, which phones must accept again.`,
      { cause: error },
    );
  }
}

async function makeAuthority(dataDir: string, names: Names, now: Date): Promise<Authority> {
  const keys = await webcrypto.subtle.generateKey(algorithm, true, ['sign', 'verify']);
  const ownNetwork = isPermitted(privateNetworks, names.address)
    ? []
    : [`${names.address}/${isIP(names.address) === 4 ? 32 : 128}`];
  const permitted = [
    ...[...privateNetworks, ...ownNetwork].map((iPAddress) => new GeneralName({ iPAddress })),
    ...names.hosts.map((dNSName) => new GeneralName({ dNSName })),
  ];
  const constraints = new NameConstraints({
    permittedSubtrees: new GeneralSubtrees(permitted.map((base) => new GeneralSubtree({ base }))),
  });
  const certificate = await x509.X509CertificateGenerator.createSelfSigned({
    serialNumber: serialNumber(),
    // Unique, so that people and phones can distinguish it from an earlier authority.
    name: [{ CN: [`Spinbay of ${names.hosts[0] ?? names.address} (${randomBytes(3).toString('hex')})`] }],
    keys,
    signingAlgorithm: algorithm,
    ...validity(now, authorityDays),
    extensions: [
      new x509.BasicConstraintsExtension(true, 0, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.keyCertSign, true),
      await x509.SubjectKeyIdentifierExtension.create(keys.publicKey),
      new x509.Extension(id_ce_nameConstraints, true, AsnConvert.serialize(constraints)),
    ],
  });
  const files = certificateFiles(dataDir);
  await writeText(files.authorityKey, await pemOfKey(keys.privateKey), 0o600);
  await writeText(files.authority, `${certificate.toString('pem')}\n`, 0o644);
  return { certificate, key: keys.privateKey };
}

async function makeServer(
  files: ReturnType<typeof certificateFiles>,
  authority: Authority,
  names: readonly string[],
  now: Date,
): Promise<void> {
  const keys = await webcrypto.subtle.generateKey(algorithm, true, ['sign', 'verify']);
  const certificate = await x509.X509CertificateGenerator.create({
    serialNumber: serialNumber(),
    subject: [{ CN: ['Spinbay'] }],
    issuer: authority.certificate.subject,
    publicKey: keys.publicKey,
    signingKey: authority.key,
    signingAlgorithm: algorithm,
    ...validity(now, serverDays),
    extensions: [
      new x509.BasicConstraintsExtension(false, undefined, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.digitalSignature, true),
      new x509.ExtendedKeyUsageExtension([x509.ExtendedKeyUsage.serverAuth]),
      new x509.SubjectAlternativeNameExtension(
        names.map((value) => ({ type: isIP(value) === 0 ? 'dns' : 'ip', value }) as const),
      ),
      await x509.AuthorityKeyIdentifierExtension.create(authority.certificate),
      await x509.SubjectKeyIdentifierExtension.create(keys.publicKey),
    ],
  });
  await writeText(files.key, await pemOfKey(keys.privateKey), 0o600);
  await writeText(files.cert, `${certificate.toString('pem')}\n`, 0o644);
}

/** Whether the existing certificate is from another authority, which phones may have accepted. */
async function isFromAnother(cert: string, { certificate }: Authority): Promise<boolean> {
  try {
    const issuer = new X509Certificate(certificate.toString('pem'));
    return !new X509Certificate(await readFile(cert, 'utf8')).verify(issuer.publicKey);
  } catch {
    return false;
  }
}

/**
 * Whether the existing certificate is from this authority, belongs to the private key, has exactly these names and is valid
 * long enough.
 */
async function isUpToDate(
  files: ReturnType<typeof certificateFiles>,
  authority: Authority,
  names: readonly string[],
  now: Date,
): Promise<boolean> {
  try {
    const text = await readFile(files.cert, 'utf8');
    const certificate = new X509Certificate(text);
    const issuer = new X509Certificate(authority.certificate.toString('pem'));
    const alternative = new x509.X509Certificate(text).getExtension(x509.SubjectAlternativeNameExtension);
    const has = (alternative?.names.items ?? []).map(({ value }) => canonical(value)).sort();
    return (
      certificate.checkPrivateKey(createPrivateKey(await readFile(files.key, 'utf8'))) &&
      certificate.verify(issuer.publicKey) &&
      has.join() === names.map(canonical).sort().join() &&
      endsAfter({ notAfter: new Date(certificate.validTo) }, now, renewBeforeDays)
    );
  } catch {
    return false;
  }
}

/** Normalizes an address: IPv6 has many spellings. */
function canonical(name: string): string {
  return isIP(name) === 6 ? new URL(`http://[${name}]`).hostname : name;
}

function mayCertify(authority: x509.X509Certificate, { address, hosts }: Names): boolean {
  const allowed = permittedBy(authority);
  return [address, ...hosts].every((name) => isPermitted(allowed, name));
}

/** Names and networks in the name constraints of an authority. */
function permittedBy(authority: x509.X509Certificate): string[] {
  const extension = authority.getExtension(id_ce_nameConstraints);
  if (extension === null) return [];
  const { permittedSubtrees } = AsnConvert.parse(extension.value, NameConstraints);
  return [...(permittedSubtrees ?? [])].map(({ base }) => base.dNSName ?? base.iPAddress ?? '');
}

function isPermitted(permitted: readonly string[], name: string): boolean {
  const version = isIP(name);
  if (version === 0) return permitted.includes(name);
  const networks = new BlockList();
  for (const entry of permitted) {
    const [network = '', bits] = entry.split('/');
    if (isIP(network) === version) networks.addSubnet(network, Number(bits), version === 4 ? 'ipv4' : 'ipv6');
  }
  return networks.check(name, version === 4 ? 'ipv4' : 'ipv6');
}

function endsAfter({ notAfter }: { readonly notAfter: Date }, now: Date, days: number): boolean {
  return notAfter.getTime() > now.getTime() + days * day;
}

/** Starts a day early, because clocks of phones can be wrong. */
function validity(now: Date, days: number) {
  return { notBefore: new Date(now.getTime() - day), notAfter: new Date(now.getTime() + (days - 1) * day) };
}

function serialNumber(): string {
  const bytes = randomBytes(16);
  // Must be positive and have no leading zero.
  bytes[0] = ((bytes[0] ?? 0) & 0x7f) | 0x40;
  return bytes.toString('hex');
}

async function pemOfKey(key: webcrypto.CryptoKey): Promise<string> {
  const der = Buffer.from(await webcrypto.subtle.exportKey('pkcs8', key));
  return createPrivateKey({ key: der, format: 'der', type: 'pkcs8' })
    .export({ type: 'pkcs8', format: 'pem' })
    .toString();
}
