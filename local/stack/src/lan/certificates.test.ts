import { createPrivateKey, webcrypto, X509Certificate } from 'node:crypto';
import { lstat, mkdtemp, readFile, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connect, createServer, type TLSSocket } from 'node:tls';
import * as x509 from '@peculiar/x509';
import { certificateFiles } from '@spinbay/local-gateway';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { ensureCertificates, type Names } from './certificates.ts';

const day = 86_400_000;
const start = new Date();
const atHome: Names = { address: '192.168.1.20', others: ['10.8.0.3'], hosts: ['studio', 'studio.local'] };

let dataDir: string;
beforeEach(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'spinbay-lan-'));
});
afterEach(() => rm(dataDir, { recursive: true, force: true }));

async function read() {
  const files = certificateFiles(dataDir);
  const text = (file: string) => readFile(file, 'utf8');
  const [authority, cert, key] = await Promise.all([text(files.authority), text(files.cert), text(files.key)]);
  return { authority, cert, key, server: new X509Certificate(cert), ca: new X509Certificate(authority) };
}

/** Opens the address as a client that trusts only this authority. @returns `trusted`, or the error of the client */
async function trusts(name: string): Promise<string> {
  const { authority, cert, key } = await read();
  const server = createServer({ cert, key }, (socket) => socket.end());
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as { port: number };
  const outcome = await new Promise<string>((resolve) => {
    const socket: TLSSocket = connect({
      port,
      host: '127.0.0.1',
      ca: authority,
      servername: '',
      checkServerIdentity: (_, peer) => {
        const { subjectaltname = '' } = peer;
        return subjectaltname.split(', ').some((entry) => entry.endsWith(`:${name}`))
          ? undefined
          : new Error('other name');
      },
    });
    socket.once('secureConnect', () => resolve('trusted')).once('error', (error) => resolve(error.message));
    socket.once('secureConnect', () => socket.destroy());
  });
  await new Promise((resolve) => server.close(resolve));
  return outcome;
}

test('clients that trust the authority trust the certificate for each address and name of the machine', async () => {
  expect(await ensureCertificates(dataDir, atHome, start)).toEqual({ hasOtherAuthority: false });
  for (const name of ['192.168.1.20', '10.8.0.3', 'studio', 'studio.local']) expect(await trusts(name)).toBe('trusted');
  const { server, ca } = await read();
  const days = (certificate: X509Certificate) =>
    (Date.parse(certificate.validTo) - Date.parse(certificate.validFrom)) / day;
  expect(days(server)).toBeLessThanOrEqual(398);
  expect(days(ca)).toBeGreaterThan(3640);
  expect([ca.ca, server.ca]).toEqual([true, false]);
});

test('the keys are readable only by their owner', async () => {
  await ensureCertificates(dataDir, atHome, start);
  const { key, authorityKey } = certificateFiles(dataDir);
  for (const file of [key, authorityKey]) expect((await stat(file)).mode & 0o777).toBe(0o600);
});

test('a second start keeps the authority and the certificate; another address gets a new certificate of the same authority', async () => {
  await ensureCertificates(dataDir, atHome, start);
  const first = await read();
  expect(await ensureCertificates(dataDir, atHome, start)).toEqual({ hasOtherAuthority: false });
  expect(await read()).toEqual(first);
  expect(await ensureCertificates(dataDir, { ...atHome, address: '172.20.3.4' }, start)).toEqual({
    hasOtherAuthority: false,
  });
  const second = await read();
  expect(second.authority).toBe(first.authority);
  expect(second.cert).not.toBe(first.cert);
  expect(await trusts('172.20.3.4')).toBe('trusted');
});

test('a certificate is renewed when it expires within 180 days, and if its file is damaged', async () => {
  await ensureCertificates(dataDir, atHome, start);
  const first = await read();
  await ensureCertificates(dataDir, atHome, new Date(start.getTime() + 200 * day));
  expect((await read()).cert).toBe(first.cert);
  await ensureCertificates(dataDir, atHome, new Date(start.getTime() + 230 * day));
  const second = await read();
  expect(second.cert).not.toBe(first.cert);
  expect(second.authority).toBe(first.authority);
  await writeFile(certificateFiles(dataDir).cert, 'damaged');
  await ensureCertificates(dataDir, atHome, start);
  expect(await trusts('192.168.1.20')).toBe('trusted');
});

test('the authority can certify only this machine and private networks', async () => {
  await ensureCertificates(dataDir, atHome, start);
  // Somebody who stole its key would try this.
  const files = certificateFiles(dataDir);
  const algorithm = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' };
  const stolen = createPrivateKey(await readFile(files.authorityKey, 'utf8')).export({ type: 'pkcs8', format: 'der' });
  const forge = async (type: 'ip' | 'dns', value: string) => {
    const keys = await webcrypto.subtle.generateKey(algorithm, true, ['sign', 'verify']);
    const forged = await x509.X509CertificateGenerator.create({
      issuer: new x509.X509Certificate(await readFile(files.authority, 'utf8')).subject,
      publicKey: keys.publicKey,
      signingKey: await webcrypto.subtle.importKey('pkcs8', stolen, algorithm, false, ['sign']),
      signingAlgorithm: algorithm,
      notBefore: start,
      notAfter: new Date(start.getTime() + day),
      extensions: [new x509.SubjectAlternativeNameExtension([{ type, value }])],
    });
    const key = Buffer.from(await webcrypto.subtle.exportKey('pkcs8', keys.privateKey));
    await writeFile(files.cert, forged.toString('pem'));
    await writeFile(
      files.key,
      createPrivateKey({ key, format: 'der', type: 'pkcs8' }).export({ type: 'pkcs8', format: 'pem' }),
    );
    return trusts(value);
  };
  expect(await forge('ip', '192.168.77.1')).toBe('trusted');
  expect(await forge('ip', '8.8.8.8')).toContain('permitted subtree violation');
  expect(await forge('dns', 'bank.example')).toContain('permitted subtree violation');
});

test('an address outside the constraints of the authority, or a new name of the machine, needs a new authority', async () => {
  await ensureCertificates(dataDir, atHome, start);
  const campus = { ...atHome, address: '198.51.100.7' };
  expect(await ensureCertificates(dataDir, campus, start)).toEqual({ hasOtherAuthority: true });
  expect(await trusts('198.51.100.7')).toBe('trusted');
  expect(await ensureCertificates(dataDir, campus, start)).toEqual({ hasOtherAuthority: false });
  expect(await ensureCertificates(dataDir, { ...campus, hosts: ['hall', 'hall.local'] }, start)).toEqual({
    hasOtherAuthority: true,
  });
  // Other addresses that it may not certify are left out.
  await ensureCertificates(dataDir, { ...atHome, others: ['198.51.100.99', '10.1.1.1'] }, start);
  expect(await trusts('10.1.1.1')).toBe('trusted');
  expect(await trusts('198.51.100.99')).toBe('other name');
});

test('the next start completes the renewal of an authority that was interrupted, and says that phones must accept it', async () => {
  const files = certificateFiles(dataDir);
  const campus = { ...atHome, address: '198.51.100.7' };
  await ensureCertificates(dataDir, atHome, start);
  const before = await Promise.all(Object.values(files).map((file) => readFile(file)));
  await ensureCertificates(dataDir, campus, start);
  const after = await Promise.all(Object.values(files).map((file) => readFile(file)));
  const written = [files.authorityKey, files.authority, files.key];
  for (let steps = 1; steps <= written.length; steps++) {
    for (const [k, file] of Object.values(files).entries())
      await writeFile(file, (written.slice(0, steps).includes(file) ? after[k] : before[k]) ?? '');
    expect(await ensureCertificates(dataDir, campus, start)).toEqual({ hasOtherAuthority: true });
    expect(await trusts('198.51.100.7')).toBe('trusted');
    expect(await ensureCertificates(dataDir, campus, start)).toEqual({ hasOtherAuthority: false });
  }
});

test.each(['authority', 'authorityKey'] as const)(
  'without the file of the %s, phones must accept a new one',
  async (file) => {
    await ensureCertificates(dataDir, atHome, start);
    await rm(certificateFiles(dataDir)[file]);
    expect(await ensureCertificates(dataDir, atHome, start)).toEqual({ hasOtherAuthority: true });
    expect(await trusts('192.168.1.20')).toBe('trusted');
  },
);

test('a damaged authority gives an error with a solution, and is not overwritten', async () => {
  await ensureCertificates(dataDir, atHome, start);
  await writeFile(certificateFiles(dataDir).authorityKey, 'damaged');
  await expect(ensureCertificates(dataDir, atHome, start)).rejects.toThrow(/is damaged.*remove it/);
  expect(await readFile(certificateFiles(dataDir).authorityKey, 'utf8')).toBe('damaged');
});

test('an authority that cannot be accessed is not replaced, because phones would have to accept a new one', async () => {
  await ensureCertificates(dataDir, atHome, start);
  const { authority } = certificateFiles(dataDir);
  await rm(authority);
  // Nobody can follow a link to itself, not even root.
  await symlink(authority, authority);
  await expect(ensureCertificates(dataDir, atHome, start)).rejects.toThrow(authority);
  expect((await lstat(authority)).isSymbolicLink()).toBe(true);
});
