import { generateKeyPairSync } from 'node:crypto';
import { mkdir, mkdtemp, readdir, readFile, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { acceptedUntil, createSigningKeys, rotateSigningKeys, SigningKeysError, signingKeyOf } from './key-file.ts';
import { loadSigningKeys } from './signing-keys.ts';

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

test('creates a file that only its owner can read, for any umask', async () => {
  const before = process.umask(0o000);
  try {
    await createSigningKeys(file);
  } finally {
    process.umask(before);
  }
  if (process.platform !== 'win32') expect((await stat(file)).mode & 0o777).toBe(0o600);
  expect(await readdir(folder)).toEqual(['signing-keys.json']);
});

test('creates keys that can be loaded, and publishes only their public part', async () => {
  await createSigningKeys(file);
  const keys = await loadSigningKeys(file);
  const { kid, privateKey } = keys.signing();
  expect(kid).toMatch(/^[\w-]{43}$/);
  expect(keys.publicKeys().keys).toEqual([
    { kty: 'RSA', kid, n: expect.stringMatching(/^[\w-]{342}$/), e: 'AQAB', alg: 'RS256', use: 'sig' },
  ]);
  expect(privateKey.extractable).toBe(false);
});

test('never overwrites existing keys', async () => {
  await createSigningKeys(file);
  const before = await readFile(file, 'utf8');
  expect(await messageOf(createSigningKeys(file))).toMatch(/signing-keys\.json already exists/);
  expect(await readFile(file, 'utf8')).toBe(before);
  const other = join(folder, 'other.json');
  const outcomes = await Promise.all([1, 2, 3].map(() => messageOf(createSigningKeys(other))));
  expect(outcomes.filter((outcome) => outcome === 'no error')).toHaveLength(1);
  expect(await readdir(folder)).toEqual(['other.json', 'signing-keys.json']);
});

test('names a missing folder', async () => {
  const inNoFolder = join(folder, 'no', 'keys.json');
  expect(await messageOf(createSigningKeys(inNoFolder))).toMatch(/cannot be written to .*keys\.json \(ENOENT\)/);
  expect(await messageOf(loadSigningKeys(inNoFolder))).toMatch(/cannot be read from .*keys\.json \(ENOENT\)/);
  await mkdir(join(folder, 'a-folder'));
  expect(await messageOf(loadSigningKeys(join(folder, 'a-folder')))).toMatch(/\(EISDIR\)/);
});

describe('explains what is wrong with a file that has', () => {
  const rsa = (modulusLength = 2048) =>
    generateKeyPairSync('rsa', { modulusLength }).privateKey.export({ format: 'jwk' });
  const good = { ...rsa(), kid: 'one' };
  const { d: _, ...withoutPrivatePart } = good;
  const elliptic = generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey.export({ format: 'jwk' });
  const cases: [name: string, content: unknown, message: RegExp][] = [
    ['no content', '', /is not JSON/],
    ['a truncated key set', JSON.stringify({ keys: [good] }).slice(0, 200), /is not JSON/],
    ['a PEM', '-----BEGIN PRIVATE KEY-----', /is not JSON/],
    ['a single key', good, /not a JWK set/],
    ['no key', { keys: [] }, /not a JWK set/],
    ['a public key', { keys: [withoutPrivatePart] }, /not a JWK set with private RSA keys/],
    ['an elliptic curve key', { keys: [{ ...elliptic, kid: 'one' }] }, /private RSA keys/],
    ['no kid', { keys: [rsa()] }, /that have a kid/],
    ['a kid twice', { keys: [good, { ...rsa(), kid: 'one' }] }, /two keys have the same kid/],
    ['a key that is seven bits short', { keys: [{ ...rsa(2041), kid: 'short' }] }, /"short" has 2041 bits/],
    ['too short a key', { keys: [{ ...rsa(1024), kid: 'short' }] }, /"short" has 1024 bits\. RS256 needs 2048/],
    ['a key with a changed number', { keys: [{ ...good, n: rsa().n }] }, /"one" is damaged/],
    ['only future keys', { keys: [{ ...good, nbf: 9_999_999_999 }] }, /no key is valid yet/],
    ['a key with an invalid time', { keys: [{ ...good, nbf: 'soon' }] }, /not a JWK set/],
    ['a damaged key', { keys: [{ ...good, p: 'AAAA', q: '!' }] }, /"one" is damaged/],
  ];
  test.each(cases)('%s', async (_name, content, message) => {
    await writeFile(file, typeof content === 'string' ? content : JSON.stringify(content));
    const text = await messageOf(loadSigningKeys(file));
    expect(text).toContain(file);
    expect(text).toMatch(message);
    // The message goes to a log, so it must not contain any part of a key.
    expect(text).not.toContain(good.d);
  });
});

const day = 24 * 3600;
const now = () => Math.floor(Date.now() / 1000);
const kidsIn = async () => (JSON.parse(await readFile(file, 'utf8')).keys as { kid: string }[]).map(({ kid }) => kid);

describe('rotation', () => {
  test('adds a key that signs in ten minutes, when all instances know it', async () => {
    const first = await createSigningKeys(file);
    const began = now();
    const { kid, signsFrom, dropped } = await rotateSigningKeys(file);
    expect(signsFrom.getTime() / 1000 - began).toBeGreaterThanOrEqual(600);
    expect(signsFrom.getTime() / 1000 - now()).toBeLessThanOrEqual(600);
    expect(dropped).toEqual([]);
    expect(await kidsIn()).toEqual([kid, first]);
    const keys = await loadSigningKeys(file);
    expect(keys.signing().kid).toBe(first);
    expect(keys.publicKeys().keys.map((key) => key.kid)).toEqual([kid, first]);
    expect(keys.publicKeys().keys[0]).not.toHaveProperty('nbf');
    expect(await readdir(folder)).toEqual(['signing-keys.json']);
    if (process.platform !== 'win32') expect((await stat(file)).mode & 0o777).toBe(0o600);
  });

  test('signs with the new key once it is valid, and accepts the old one until its last token has expired', async () => {
    const first = await createSigningKeys(file);
    const { kid } = await rotateSigningKeys(file, now() - 601);
    const keys = await loadSigningKeys(file);
    expect(keys.signing().kid).toBe(kid);
    expect(await keys.find(first)).not.toBeNull();
    expect(await keys.find('another')).toBeNull();
  });

  test('rejects a key that was replaced more than 31 days ago, and drops it at the next rotation', async () => {
    const first = await createSigningKeys(file);
    const { kid: second } = await rotateSigningKeys(file, now() - 31 * day - 700);
    const keys = await loadSigningKeys(file);
    expect(await keys.find(first)).toBeNull();
    expect(keys.publicKeys().keys.map((key) => key.kid)).toEqual([second]);
    const { kid: third, dropped } = await rotateSigningKeys(file);
    expect(dropped).toEqual([first]);
    expect(await kidsIn()).toEqual([third, second]);
  });

  test('loses no key in concurrent rotations', async () => {
    const first = await createSigningKeys(file);
    const made = await Promise.all(Array.from({ length: 5 }, () => rotateSigningKeys(file)));
    expect((await kidsIn()).toSorted()).toEqual([first, ...made.map(({ kid }) => kid)].toSorted());
    expect(await readdir(folder)).toEqual(['signing-keys.json']);
  });

  test('names the leftovers of a killed rotation and leaves the keys untouched', async () => {
    const first = await createSigningKeys(file);
    await writeFile(`${file}.draft`, '');
    expect(await messageOf(rotateSigningKeys(file))).toMatch(/left .*\.draft\. If none is running, delete it/);
    expect(await kidsIn()).toEqual([first]);
  });

  test('leaves no file behind if the rotation fails', async () => {
    expect(await messageOf(rotateSigningKeys(file))).toMatch(/cannot be read/);
    await writeFile(file, '{');
    expect(await messageOf(rotateSigningKeys(file))).toMatch(/is not JSON/);
    expect(await readdir(folder)).toEqual(['signing-keys.json']);
    expect(await readFile(file, 'utf8')).toBe('{');
  });

  test('allows at most ten keys that may be in use', async () => {
    await createSigningKeys(file);
    const { keys } = JSON.parse(await readFile(file, 'utf8'));
    await writeFile(
      file,
      JSON.stringify({ keys: Array.from({ length: 10 }, (_, k) => ({ ...keys[0], kid: `k${k}` })) }),
    );
    expect(await messageOf(rotateSigningKeys(file))).toMatch(/has 10 keys whose tokens may still be in use/);
  });

  test('replaces the target of a symbolic link', async () => {
    await createSigningKeys(file);
    const linked = join(folder, 'link.json');
    await symlink(file, linked);
    const { kid } = await rotateSigningKeys(linked);
    expect(await kidsIn()).toContain(kid);
    expect(await readdir(folder)).toEqual(['link.json', 'signing-keys.json']);
  });
});

test('chooses the signing key and determines how long the others are accepted', () => {
  const key = (kid: string, nbf?: number) => ({ kid, nbf });
  const [a, b, c, d] = [key('a'), key('b'), key('c', 100), key('d', 200)];
  expect(signingKeyOf([a, b], 50)).toBe(a);
  expect(signingKeyOf([c, a], 99)).toBe(a);
  expect(signingKeyOf([a, c, d], 100)).toBe(c);
  expect(signingKeyOf([a, c, d], 200)).toBe(d);
  expect(signingKeyOf([c, d], 50)).toBeUndefined();
  // The order of two keys without a time is unknown, so neither is dropped.
  expect(acceptedUntil([a, b], b)).toBeNull();
  expect(acceptedUntil([a, b, c, d], b)).toBe(100 + 31 * day);
  expect(acceptedUntil([a, b, c, d], c)).toBe(200 + 31 * day);
  expect(acceptedUntil([a, b, c, d], d)).toBeNull();
});
