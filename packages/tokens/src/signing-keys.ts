import { access, chmod, readFile, rename, rm, writeFile } from 'node:fs/promises';
import {
  CompactSign,
  type CryptoKey,
  calculateJwkThumbprint,
  compactVerify,
  exportJWK,
  generateKeyPair,
  importJWK,
  type JWK,
} from 'jose';
import { z } from 'zod';

const Rsa = z.looseObject({
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
});
/** What RS256 asks for (RFC 7518, 3.3). */
const minimumBits = 2048;

const KeyFile = z.object({ keys: z.array(Rsa).min(1).max(10) });

/** The first key signs; all of them are accepted, so that an old key lives on until its last token has ended. */
export interface SigningKeys {
  readonly kid: string;
  readonly privateKey: CryptoKey;
  /** For `GET /.well-known/jwks.json` and for our own verifier: public members only. */
  readonly publicKeys: { keys: JWK[] };
}

export class SigningKeysError extends Error {
  override readonly name = 'SigningKeysError';
}

/**
 * Makes one RSA key of 2048 bits and writes a new private JWK set, readable for its owner only. The file is complete or
 * not there at all.
 * @throws SigningKeysError when the file exists: with its keys gone, everybody would have to sign in again
 */
export async function createSigningKeys(file: string): Promise<void> {
  const exists = await access(file).then(
    () => true,
    () => false,
  );
  if (exists) throw new SigningKeysError(`${file} exists already, and its keys may be in use. Choose another file.`);
  const { privateKey } = await generateKeyPair('RS256', { modulusLength: minimumBits, extractable: true });
  const jwk = await exportJWK(privateKey);
  const kid = await calculateJwkThumbprint(jwk);
  const draft = `${file}.${process.pid}.tmp`;
  await rm(draft, { force: true });
  try {
    const text = JSON.stringify({ keys: [{ ...jwk, kid, alg: 'RS256', use: 'sig' }] }, null, 2);
    await writeFile(draft, `${text}\n`, { mode: 0o600, flag: 'wx' });
    // The umask may have taken bits away, never added; this is for a file system that ignores the mode above.
    await chmod(draft, 0o600);
    await rename(draft, file);
  } catch (error) {
    await rm(draft, { force: true });
    throw new SigningKeysError(
      `The signing keys cannot be written to ${file} (${(error as NodeJS.ErrnoException).code}).`,
      { cause: error },
    );
  }
}

/** @throws SigningKeysError that names the file and what is wrong with it */
export async function loadSigningKeys(file: string): Promise<SigningKeys> {
  let text: string;
  try {
    text = await readFile(file, 'utf8');
  } catch (error) {
    throw new SigningKeysError(
      `The signing keys cannot be read from ${file} (${(error as NodeJS.ErrnoException).code}).`,
      { cause: error },
    );
  }
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    throw new SigningKeysError(`${file} is not JSON. It must be a JWK set with private RSA keys.`);
  }
  const parsed = KeyFile.safeParse(json);
  if (!parsed.success) throw new SigningKeysError(`${file} is not a JWK set with private RSA keys that have a kid.`);
  const { keys } = parsed.data;
  const [first] = keys;
  if (first === undefined || new Set(keys.map((key) => key.kid)).size !== keys.length) {
    throw new SigningKeysError(`${file}: two keys have the same kid.`);
  }
  for (const { kid, n } of keys) {
    const bits = Buffer.from(n, 'base64url').length * 8;
    if (bits < minimumBits) {
      throw new SigningKeysError(`${file}: the key "${kid}" has ${bits} bits. RS256 needs ${minimumBits} or more.`);
    }
  }
  const privateKey = await importPrivateKey(file, first);
  const publicKeys = keys.map(({ kty, kid, n, e }) => ({ kty, kid, n, e, alg: 'RS256', use: 'sig' }));
  return { kid: first.kid, privateKey, publicKeys: { keys: publicKeys } };
}

async function importPrivateKey(file: string, jwk: z.output<typeof Rsa>): Promise<CryptoKey> {
  try {
    const { kty, n, e } = jwk;
    const [privateKey, publicKey] = await Promise.all([
      importJWK({ ...jwk }, 'RS256'),
      importJWK({ kty, n, e }, 'RS256'),
    ]);
    // A changed number in the file may still import; it then signs what nobody accepts.
    const probe = await new CompactSign(new Uint8Array(1)).setProtectedHeader({ alg: 'RS256' }).sign(privateKey);
    await compactVerify(probe, publicKey);
    return privateKey as CryptoKey;
  } catch (error) {
    throw new SigningKeysError(`${file}: the key "${jwk.kid}" is damaged. Put back a copy of the file.`, {
      cause: error,
    });
  }
}
