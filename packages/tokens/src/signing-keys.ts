import { CompactSign, type CryptoKey, compactVerify, importJWK, type JWK } from 'jose';
import {
  acceptedUntil,
  type KeySource,
  keyFile,
  type PrivateKey,
  parseKeys,
  readKeys,
  SigningKeysError,
  signingKeyOf,
} from './key-file.ts';

/** The keys that currently sign and verify Spinbay tokens. */
export interface SigningKeys {
  signing(): { readonly kid: string; readonly privateKey: CryptoKey };
  /** Finds the public key with this kid. @returns null if the key is unknown or no longer accepted */
  find(kid: string): Promise<CryptoKey | null>;
  /** The accepted and future keys with public members only, for `GET /.well-known/jwks.json`. */
  publicKeys(): { keys: JWK[] };
}

interface LoadedKey {
  readonly kid: string;
  readonly nbf: number | undefined;
  readonly privateKey: CryptoKey;
  readonly publicKey: CryptoKey;
  readonly jwk: JWK;
}

/** @throws SigningKeysError that names the file and the fault */
export async function loadSigningKeys(file: string | KeySource): Promise<SigningKeys> {
  const source = typeof file === 'string' ? keyFile(file) : file;
  return importKeys(source.name, await readKeys(source));
}

/** @param file the name of the source, for messages. @throws SigningKeysError that names the source and the fault */
export async function importKeys(file: string, text: string): Promise<SigningKeys> {
  const keys = await Promise.all(parseKeys(file, text).map((key) => importKey(file, key)));
  const signing = () => signingKeyOf(keys, now());
  if (signing() === undefined) {
    throw new SigningKeysError(`${file}: no key is valid yet. Check the clock, and "nbf" of the keys.`);
  }
  const isAccepted = (key: LoadedKey) => now() <= (acceptedUntil(keys, key) ?? now());
  return {
    // When the keys were loaded, at least one was valid. If the clock has been set back since then, the first key signs.
    signing: () => signing() ?? (keys[0] as LoadedKey),
    find: async (kid) => keys.find((key) => key.kid === kid && isAccepted(key))?.publicKey ?? null,
    publicKeys: () => ({ keys: keys.filter(isAccepted).map(({ jwk }) => jwk) }),
  };
}

async function importKey(file: string, key: PrivateKey): Promise<LoadedKey> {
  const { kty, n, e, d, p, q, dp, dq, qi, kid, nbf } = key;
  try {
    const [privateKey, publicKey] = (await Promise.all([
      importJWK({ kty, n, e, d, p, q, dp, dq, qi }, 'RS256'),
      importJWK({ kty, n, e }, 'RS256'),
    ])) as [CryptoKey, CryptoKey];
    // A damaged key may still be imported, but its signatures are invalid.
    const probe = await new CompactSign(new Uint8Array(1)).setProtectedHeader({ alg: 'RS256' }).sign(privateKey);
    await compactVerify(probe, publicKey);
    return { kid, nbf, privateKey, publicKey, jwk: { kty, kid, n, e, alg: 'RS256', use: 'sig' } };
  } catch (error) {
    throw new SigningKeysError(`${file}: the key "${kid}" is damaged. Restore the file from a backup.`, {
      cause: error,
    });
  }
}

function now(): number {
  return Math.floor(Date.now() / 1000);
}
