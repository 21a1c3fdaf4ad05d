import { randomUUID } from 'node:crypto';
import { chmod, chown, link, open, readFile, realpath, rename, rm, stat, writeFile } from 'node:fs/promises';
import { setTimeout } from 'node:timers/promises';
import { tokenLifetime } from '@spinbay/contracts';
import { calculateJwkThumbprint, exportJWK, generateKeyPair } from 'jose';
import { z } from 'zod';

const PrivateKey = z.looseObject({
  kty: z.literal('RSA'),
  kid: z.string().min(1),
  n: z.string(),
  e: z.string(),
  d: z.string(),
  p: z.string(),
  q: z.string(),
  dp: z.string(),
  dq: z.string(),
  qi: z.string(),
  /** Seconds since 1970 from which on it signs; without it, it did from the beginning. */
  nbf: z.int().min(0).optional(),
});
export type PrivateKey = z.output<typeof PrivateKey>;

const maxKeys = 10;
const KeyFile = z.object({ keys: z.array(PrivateKey).min(1).max(maxKeys) });

/** What RS256 asks for (RFC 7518, 3.3). */
const minimumBits = 2048;
/** Until then every instance and every cache of the public keys knows a new key: they look every 30 s and 5 minutes. */
const comesAfterSeconds = 600;
/** The longest life of a token, and a day. */
const acceptedSeconds = tokenLifetime.device + 24 * 3600;
/** Writing takes milliseconds; another rotation that takes longer was killed. */
const lockWithinMs = 3_000;

export class SigningKeysError extends Error {
  override readonly name = 'SigningKeysError';
}

/**
 * The key that signs: the newest whose time has come, of equally new ones the first.
 * @param at seconds since 1970
 * @returns undefined where the time of none has come
 */
export function signingKeyOf<K extends { readonly nbf?: number | undefined }>(
  keys: readonly K[],
  at: number,
): K | undefined {
  return keys
    .filter(({ nbf = 0 }) => nbf <= at)
    .reduce<K | undefined>((best, key) => (best && (best.nbf ?? 0) >= (key.nbf ?? 0) ? best : key), undefined);
}

/** Until when tokens of a key are accepted, in seconds since 1970: null while no newer key is there. */
export function acceptedUntil(
  keys: readonly { readonly nbf?: number | undefined }[],
  { nbf = 0 }: { nbf?: number | undefined },
): number | null {
  const newer = keys.flatMap((key) => (key.nbf !== undefined && key.nbf > nbf ? [key.nbf] : []));
  return newer.length === 0 ? null : Math.min(...newer) + acceptedSeconds;
}

/** Where signing keys are kept. */
export interface KeySource {
  /** For messages: a file, or what else they are kept in. */
  readonly name: string;
  /** @throws Error with a `code` where it cannot be read */
  read(): Promise<string>;
}

export function keyFile(file: string): KeySource {
  return { name: file, read: () => readFile(file, 'utf8') };
}

/** @throws SigningKeysError */
export async function readKeys(source: KeySource): Promise<string> {
  try {
    return await source.read();
  } catch (error) {
    throw new SigningKeysError(`The signing keys cannot be read from ${source.name} (${codeOf(error)}).`, {
      cause: error,
    });
  }
}

/** @throws SigningKeysError that names the file, or what else the text is of, and what is wrong with it */
export function parseKeys(file: string, text: string): PrivateKey[] {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    throw new SigningKeysError(`${file} is not JSON. It must be a JWK set with private RSA keys.`);
  }
  const parsed = KeyFile.safeParse(json);
  if (!parsed.success) throw new SigningKeysError(`${file} is not a JWK set with private RSA keys that have a kid.`);
  const { keys } = parsed.data;
  if (new Set(keys.map((key) => key.kid)).size !== keys.length) {
    throw new SigningKeysError(`${file}: two keys have the same kid.`);
  }
  for (const { kid, n } of keys) {
    const bits = Buffer.from(n, 'base64url').length * 8;
    if (bits < minimumBits) {
      throw new SigningKeysError(`${file}: the key "${kid}" has ${bits} bits. RS256 needs ${minimumBits} or more.`);
    }
  }
  return keys;
}

/** What a key of the file does just now. */
export type ListedKey = { readonly kid: string } & (
  | { readonly state: 'signing' }
  | { readonly state: 'coming'; readonly from: Date }
  | { readonly state: 'accepted'; readonly until: Date | null }
  | { readonly state: 'ended'; readonly until: Date }
);

/** @throws SigningKeysError that names the file and what is wrong with it */
export async function listSigningKeys(
  file: string | KeySource,
  at = Math.floor(Date.now() / 1000),
): Promise<ListedKey[]> {
  const source = typeof file === 'string' ? keyFile(file) : file;
  const keys = parseKeys(source.name, await readKeys(source));
  const signing = signingKeyOf(keys, at);
  return keys.map((key) => {
    const { kid, nbf = 0 } = key;
    if (key === signing) return { kid, state: 'signing' };
    if (nbf > at) return { kid, state: 'coming', from: new Date(nbf * 1000) };
    const until = acceptedUntil(keys, key);
    if (until === null) return { kid, state: 'accepted', until };
    return { kid, state: until < at ? 'ended' : 'accepted', until: new Date(until * 1000) };
  });
}

/** One RSA key of 2048 bits, as the text of a new private JWK set. */
export async function firstSigningKeys(): Promise<{ readonly kid: string; readonly text: string }> {
  const key = await makeKey();
  return { kid: key.kid, text: textOf([key]) };
}

/** What a rotation made of a set of keys. */
export interface Rotation {
  readonly kid: string;
  readonly signsFrom: Date;
  readonly dropped: readonly string[];
}

/**
 * Adds a key that signs from ten minutes on, and drops those whose last token has ended.
 * @param file for messages: the file, or what else the text is of
 * @param key the one to add, where it was made before; else one is made
 * @throws SigningKeysError
 */
export async function rotateKeysIn(
  file: string,
  text: string,
  at = Math.floor(Date.now() / 1000),
  key?: NewKey,
): Promise<Rotation & { readonly text: string }> {
  const keys = parseKeys(file, text);
  const isEnded = (key: PrivateKey) => (acceptedUntil(keys, key) ?? at) < at;
  const kept = keys.filter((key) => !isEnded(key));
  if (kept.length >= maxKeys) {
    throw new SigningKeysError(
      `${file} has ${maxKeys} keys whose tokens may still be in use. Take the oldest out by hand, or rotate later.`,
    );
  }
  const nbf = at + comesAfterSeconds;
  const added = { ...(key ?? (await makeKey())), nbf };
  return {
    kid: added.kid,
    signsFrom: new Date(nbf * 1000),
    dropped: keys.filter(isEnded).map(({ kid }) => kid),
    text: textOf([added, ...kept]),
  };
}

/**
 * Makes one RSA key of 2048 bits and writes a new private JWK set, readable for its owner only. The file is complete or
 * not there at all.
 * @returns the key's kid
 * @throws SigningKeysError when the file exists: with its keys gone, everybody would have to sign in again
 */
export async function createSigningKeys(file: string): Promise<string> {
  const { kid, text } = await firstSigningKeys();
  const draft = `${file}.${randomUUID()}.tmp`;
  try {
    await writePrivate(draft, text);
    // Unlike a rename, this does not replace what another process has made meanwhile.
    await link(draft, file);
  } catch (error) {
    if (codeOf(error) === 'EEXIST') {
      throw new SigningKeysError(
        `${file} exists already, and its keys may be in use. Choose another file, or rotate the keys in this one.`,
      );
    }
    throw cannotWrite(file, error);
  } finally {
    await rm(draft, { force: true });
  }
  return kid;
}

/**
 * Adds a key that signs from ten minutes on, and drops those whose last token has ended. Rotations at the same time wait
 * for each other.
 * @param at seconds since 1970
 * @throws SigningKeysError
 */
export async function rotateSigningKeys(file: string, at = Math.floor(Date.now() / 1000)): Promise<Rotation> {
  // Where a link leads, as the rename would put a file in the link's place.
  const target = await realpath(file).catch(() => file);
  // The file that will take the place of the keys is the lock: the rename gives it back.
  const draft = `${target}.draft`;
  // Before the lock: making a key takes up to seconds, and others wait for the lock.
  const key = await makeKey();
  await takeLock(file, draft);
  try {
    const { text, ...rotation } = await rotateKeysIn(file, await readKeys({ ...keyFile(target), name: file }), at, key);
    await writePrivate(draft, text, 'r+');
    // A rotation by root leaves the keys to whom they belonged.
    const { uid, gid } = await stat(target);
    if (process.getuid?.() === 0) await chown(draft, uid, gid);
    await rename(draft, target);
    return rotation;
  } catch (error) {
    await rm(draft, { force: true });
    throw error instanceof SigningKeysError ? error : cannotWrite(file, error);
  }
}

async function takeLock(file: string, draft: string): Promise<void> {
  const deadline = performance.now() + lockWithinMs;
  for (;;) {
    try {
      const handle = await open(draft, 'wx', 0o600);
      await handle.close();
      return;
    } catch (error) {
      if (codeOf(error) !== 'EEXIST') throw cannotWrite(file, error);
      if (performance.now() > deadline) {
        throw new SigningKeysError(`Another rotation has left ${draft}. If none is running, delete it and try again.`);
      }
      await setTimeout(20);
    }
  }
}

type NewKey = Awaited<ReturnType<typeof makeKey>>;

async function makeKey() {
  const { privateKey } = await generateKeyPair('RS256', { modulusLength: minimumBits, extractable: true });
  const jwk = await exportJWK(privateKey);
  return { ...jwk, kid: await calculateJwkThumbprint(jwk), alg: 'RS256', use: 'sig' };
}

function textOf(keys: readonly object[]): string {
  return `${JSON.stringify({ keys }, null, 2)}\n`;
}

async function writePrivate(draft: string, text: string, flag: 'wx' | 'r+' = 'wx'): Promise<void> {
  await writeFile(draft, text, { mode: 0o600, flag, flush: true });
  // The umask may have taken bits away, never added; this is for a file system that ignores the mode above.
  await chmod(draft, 0o600);
}

function cannotWrite(file: string, error: unknown): SigningKeysError {
  const next = codeOf(error) === 'ENOENT' ? ' Make the folder first.' : '';
  return new SigningKeysError(`The signing keys cannot be written to ${file} (${codeOf(error)}).${next}`, {
    cause: error,
  });
}

function codeOf(error: unknown): string | undefined {
  return (error as NodeJS.ErrnoException).code;
}
