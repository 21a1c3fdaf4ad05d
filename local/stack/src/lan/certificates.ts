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
/** Phones refuse certificates of more than 398. */
const serverDays = 397;
/** A certificate that ends sooner is made anew at a start; one for an installation that is not restarted lasts that long at least. */
const renewBeforeDays = 180;
const algorithm = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' };

/** Networks that are nobody's on the internet: whatever of them this machine is given next, the authority may certify it. */
const privateNetworks = [
  '10.0.0.0/8',
  '172.16.0.0/12',
  '192.168.0.0/16',
  '169.254.0.0/16',
  '100.64.0.0/10',
  'fc00::/7',
];

export interface Names {
  /** The address that phones use. */
  readonly address: string;
  /** The other ones of this machine. */
  readonly others: readonly string[];
  readonly hosts: readonly string[];
}

/**
 * Makes sure that the data folder has a certificate authority and a certificate of it for these names.
 * @returns whether the authority took the place of an earlier one: phones that trust that one do not trust it
 * @throws StackError when what is there cannot be read
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
  // Of the other addresses only what the authority may certify: one that it may not would spoil the whole certificate.
  const allowed = permittedBy(authority.certificate);
  const others = names.others.filter((address) => isPermitted(allowed, address));
  const wanted = [...new Set([names.address, ...others, ...names.hosts])].sort();
  if (!isGood || !(await isUpToDate(files, authority, wanted, now))) await makeServer(files, authority, wanted, now);
  return { hasOtherAuthority: kept !== null && !isGood };
}

interface Authority {
  readonly certificate: x509.X509Certificate;
  readonly key: webcrypto.CryptoKey;
}

async function readAuthority(dataDir: string): Promise<Authority | null> {
  const { authority, authorityKey } = certificateFiles(dataDir);
  if (!(await exists(authority)) || !(await exists(authorityKey))) return null;
  try {
    const certificate = new x509.X509Certificate(await readFile(authority, 'utf8'));
    const der = createPrivateKey(await readFile(authorityKey, 'utf8')).export({ type: 'pkcs8', format: 'der' });
    return { certificate, key: await webcrypto.subtle.importKey('pkcs8', der, algorithm, false, ['sign']) };
  } catch (error) {
    throw new StackError(
      `The certificate authority in ${join(dataDir, 'lan')} is damaged. Put back a copy of the folder, or remove it: a new one is made then, which phones have to accept anew.`,
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
    // Told apart by people who look at the list of their phone, and by phones that have met an earlier one.
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

/** Whether the certificate that is there is of this authority, fits its key, has exactly these names, and lasts. */
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

/** An IPv6 address has many ways to be written. */
function canonical(name: string): string {
  return isIP(name) === 6 ? new URL(`http://[${name}]`).hostname : name;
}

function mayCertify(authority: x509.X509Certificate, { address, hosts }: Names): boolean {
  const allowed = permittedBy(authority);
  return [address, ...hosts].every((name) => isPermitted(allowed, name));
}

/** Names and networks of an authority's name constraints. */
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

/** Begins a day early: clocks of phones go wrong. */
function validity(now: Date, days: number) {
  return { notBefore: new Date(now.getTime() - day), notAfter: new Date(now.getTime() + (days - 1) * day) };
}

function serialNumber(): string {
  const bytes = randomBytes(16);
  // Positive, and without a leading zero.
  bytes[0] = ((bytes[0] ?? 0) & 0x7f) | 0x40;
  return bytes.toString('hex');
}

async function pemOfKey(key: webcrypto.CryptoKey): Promise<string> {
  const der = Buffer.from(await webcrypto.subtle.exportKey('pkcs8', key));
  return createPrivateKey({ key: der, format: 'der', type: 'pkcs8' })
    .export({ type: 'pkcs8', format: 'pem' })
    .toString();
}
