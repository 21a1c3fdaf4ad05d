import { randomUUID } from 'node:crypto';
import { chmod, chown, link, open, readFile, realpath, rename, rm, stat, writeFile } from 'node:fs/promises';
import { setTimeout } from 'node:timers/promises';
import { tokenLifetime } from '@spinbay/contracts';
import { UserError } from '@spinbay/contracts/user-error';
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
  /** The time from which the key signs, in seconds since 1970. Default: always. */
  nbf: z.int().min(0).optional(),
});
export type PrivateKey = z.output<typeof PrivateKey>;

const maxKeys = 10;
const KeyFile = z.object({ keys: z.array(PrivateKey).min(1).max(maxKeys) });

/** The minimum for RS256 (RFC 7518, 3.3). */
const minimumBits = 2048;
/** A new key signs after this delay. By then, every instance (30 s) and every cache of the public keys (5 minutes) knows it. */
const signingDelaySeconds = 600;
/** How long tokens of a replaced key are accepted: the longest lifetime of a token plus a day. */
const acceptedSeconds = tokenLifetime.device + 24 * 3600;
/** The longest wait for the lock. A rotation holds it for milliseconds, unless its process was killed. */
const lockWithinMs = 3_000;

export class SigningKeysError extends UserError {
  override readonly name = 'SigningKeysError';
}

/**
 * Chooses the signing key: the newest valid one, or the first of equally new ones.
 * @param at seconds since 1970
 * @returns undefined if no key is valid yet
 */
export function signingKeyOf<K extends { readonly nbf?: number | undefined }>(
  keys: readonly K[],
  at: number,
): K | undefined {
  return keys
    .filter(({ nbf = 0 }) => nbf <= at)
    .reduce<K | undefined>((best, key) => (best && (best.nbf ?? 0) >= (key.nbf ?? 0) ? best : key), undefined);
}

/** The time until which tokens of a key are accepted, in seconds since 1970. Null if there is no newer key. */
export function acceptedUntil(
  keys: readonly { readonly nbf?: number | undefined }[],
  { nbf = 0 }: { nbf?: number | undefined },
): number | null {
  const newer = keys.flatMap((key) => (key.nbf !== undefined && key.nbf > nbf ? [key.nbf] : []));
  return newer.length === 0 ? null : Math.min(...newer) + acceptedSeconds;
}

/** A source of signing keys. */
export interface KeySource {
  /** The file name or another name of the source, for messages. */
  readonly name: string;
  /** @throws Error with a `code` if it cannot be read */
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

/** @param file the name of the source, for messages. @throws SigningKeysError that names the source and the fault */
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
    const bits = BigInt(`0x0${Buffer.from(n, 'base64url').toString('hex')}`).toString(2).length;
    if (bits < minimumBits) {
      throw new SigningKeysError(`${file}: the key "${kid}" has ${bits} bits. RS256 needs ${minimumBits} or more.`);
    }
  }
  return keys;
}

/** A key and its current state. */
export type ListedKey = { readonly kid: string } & (
  | { readonly state: 'signing' }
  | { readonly state: 'pending'; readonly from: Date }
  | { readonly state: 'accepted'; readonly until: Date | null }
  | { readonly state: 'expired'; readonly until: Date }
);

/** @throws SigningKeysError that names the file and the fault */
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
    if (nbf > at) return { kid, state: 'pending', from: new Date(nbf * 1000) };
    const until = acceptedUntil(keys, key);
    if (until === null) return { kid, state: 'accepted', until };
    return { kid, state: until < at ? 'expired' : 'accepted', until: new Date(until * 1000) };
  });
}

/** Generates a private JWK set with one RSA key of 2048 bits. */
export async function firstSigningKeys(): Promise<{ readonly kid: string; readonly text: string }> {
  const key = await makeKey();
  return { kid: key.kid, text: textOf([key]) };
}

/** The result of a rotation. */
export interface Rotation {
  readonly kid: string;
  readonly signsFrom: Date;
  readonly dropped: readonly string[];
}

/**
 * Adds a key that starts to sign after ten minutes, and drops keys whose last token has expired.
 * @param file the name of the source, for messages
 * @param at seconds since 1970
 * @param key the key to add. Default: a new key
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
      `${file} has ${maxKeys} keys whose tokens may still be in use. Remove the oldest one by hand, or rotate later.`,
    );
  }
  const nbf = at + signingDelaySeconds;
  const added = { ...(key ?? (await makeKey())), nbf };
  return {
    kid: added.kid,
    signsFrom: new Date(nbf * 1000),
    dropped: keys.filter(isEnded).map(({ kid }) => kid),
    text: textOf([added, ...kept]),
  };
}

/**
 * Generates a private JWK set with one RSA key of 2048 bits and writes it to a new file that only its owner can read. The
 * file is written atomically.
 * @returns the key's kid
 * @throws SigningKeysError if the file exists, because new keys would sign everybody out, or if it cannot be written
 */
export async function createSigningKeys(file: string): Promise<string> {
  const { kid, text } = await firstSigningKeys();
  const draft = `${file}.${randomUUID()}.tmp`;
  try {
    await writePrivate(draft, text);
    // Unlike `rename`, `link` does not replace a file that another process has created meanwhile.
    await link(draft, file);
  } catch (error) {
    if (codeOf(error) === 'EEXIST') {
      throw new SigningKeysError(
        `${file} already exists, and its keys may be in use. Choose another file, or rotate the keys in this one.`,
      );
    }
    throw cannotWrite(file, error);
  } finally {
    await rm(draft, { force: true });
  }
  return kid;
}

/**
 * Adds a key that starts to sign after ten minutes, and drops keys whose last token has expired. Concurrent rotations wait
 * for each other.
 * @param at seconds since 1970
 * @throws SigningKeysError
 */
export async function rotateSigningKeys(file: string, at = Math.floor(Date.now() / 1000)): Promise<Rotation> {
  // Resolves links, because the rename would replace the link itself.
  const target = await realpath(file).catch(() => file);
  // The draft of the new file is also the lock. The rename releases it.
  const draft = `${target}.draft`;
  // Generated before taking the lock, because it can take seconds.
  const key = await makeKey();
  await takeLock(file, draft);
  try {
    const { text, ...rotation } = await rotateKeysIn(file, await readKeys({ ...keyFile(target), name: file }), at, key);
    await writePrivate(draft, text, 'r+');
    // A rotation by root keeps the owner of the file.
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
  // For file systems that ignore the mode above.
  await chmod(draft, 0o600);
}

function cannotWrite(file: string, error: unknown): SigningKeysError {
  const next = codeOf(error) === 'ENOENT' ? ' Create the folder first.' : '';
  return new SigningKeysError(`The signing keys cannot be written to ${file} (${codeOf(error)}).${next}`, {
    cause: error,
  });
}

function codeOf(error: unknown): string | undefined {
  return (error as NodeJS.ErrnoException).code;
}
