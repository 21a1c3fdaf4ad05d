import { generateKeyPairSync } from 'node:crypto';
import { mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { createSigningKeys, loadSigningKeys, SigningKeysError } from './signing-keys.ts';

let folder: string;
let file: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'spinbay-keys-'));
  file = join(folder, 'signing-keys.json');
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const messageOf = (promise: Promise<unknown>) =>
  promise.then(
    () => 'no error',
    (error: unknown) => (error instanceof SigningKeysError ? error.message : `another error: ${error}`),
  );

test('makes a file that only its owner can read, whatever the umask', async () => {
  const before = process.umask(0o000);
  try {
    await createSigningKeys(file);
  } finally {
    process.umask(before);
  }
  if (process.platform !== 'win32') expect((await stat(file)).mode & 0o777).toBe(0o600);
  expect(await readdir(folder)).toEqual(['signing-keys.json']);
});

test('what is made can be loaded; only the public part is given out', async () => {
  await createSigningKeys(file);
  const keys = await loadSigningKeys(file);
  expect(keys.kid).toMatch(/^[\w-]{43}$/);
  expect(keys.publicKeys.keys).toEqual([
    { kty: 'RSA', kid: keys.kid, n: expect.stringMatching(/^[\w-]{342}$/), e: 'AQAB', alg: 'RS256', use: 'sig' },
  ]);
  expect(keys.privateKey.extractable).toBe(false);
});

test('keys that exist are never written over', async () => {
  await createSigningKeys(file);
  const before = await readFile(file, 'utf8');
  expect(await messageOf(createSigningKeys(file))).toMatch(/signing-keys\.json exists already/);
  expect(await readFile(file, 'utf8')).toBe(before);
});

test('a folder that is not there is named', async () => {
  const inNoFolder = join(folder, 'no', 'keys.json');
  expect(await messageOf(createSigningKeys(inNoFolder))).toMatch(/cannot be written to .*keys\.json \(ENOENT\)/);
  expect(await messageOf(loadSigningKeys(inNoFolder))).toMatch(/cannot be read from .*keys\.json \(ENOENT\)/);
  await mkdir(join(folder, 'a-folder'));
  expect(await messageOf(loadSigningKeys(join(folder, 'a-folder')))).toMatch(/\(EISDIR\)/);
});

describe('a file that is no key file is told in words', () => {
  const rsa = (modulusLength = 2048) =>
    generateKeyPairSync('rsa', { modulusLength }).privateKey.export({ format: 'jwk' });
  const good = { ...rsa(), kid: 'one' };
  const { d: _, ...withoutPrivatePart } = good;
  const elliptic = generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey.export({ format: 'jwk' });
  const cases: [name: string, content: unknown, message: RegExp][] = [
    ['empty', '', /is not JSON/],
    ['cut short', JSON.stringify({ keys: [good] }).slice(0, 200), /is not JSON/],
    ['a PEM', '-----BEGIN PRIVATE KEY-----', /is not JSON/],
    ['a single key', good, /not a JWK set/],
    ['no key', { keys: [] }, /not a JWK set/],
    ['a public key', { keys: [withoutPrivatePart] }, /not a JWK set with private RSA keys/],
    ['an elliptic curve key', { keys: [{ ...elliptic, kid: 'one' }] }, /private RSA keys/],
    ['no kid', { keys: [rsa()] }, /that have a kid/],
    ['a kid twice', { keys: [good, { ...rsa(), kid: 'one' }] }, /two keys have the same kid/],
    ['too short a key', { keys: [{ ...rsa(1024), kid: 'short' }] }, /"short" has 1024 bits\. RS256 needs 2048/],
    ['a key with a changed number', { keys: [{ ...good, n: rsa().n }] }, /"one" is damaged/],
    ['a damaged key', { keys: [{ ...good, p: 'AAAA', q: '!' }] }, /"one" is damaged/],
  ];
  test.each(cases)('%s', async (_name, content, message) => {
    await writeFile(file, typeof content === 'string' ? content : JSON.stringify(content));
    const text = await messageOf(loadSigningKeys(file));
    expect(text).toContain(file);
    expect(text).toMatch(message);
    // No part of a key in a message that goes to a log.
    expect(text).not.toContain(good.d);
  });
});
