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

/** The keys that sign and verify our own tokens, as of now. */
export interface SigningKeys {
  signing(): { readonly kid: string; readonly privateKey: CryptoKey };
  /** The public key for tokens that name this kid. @returns null where it is none of ours, or one no longer accepted */
  find(kid: string): Promise<CryptoKey | null>;
  /** For `GET /.well-known/jwks.json`: the keys that are accepted and those to come, public members only. */
  publicKeys(): { keys: JWK[] };
}

interface LoadedKey {
  readonly kid: string;
  readonly nbf: number | undefined;
  readonly privateKey: CryptoKey;
  readonly publicKey: CryptoKey;
  readonly jwk: JWK;
}

/** @throws SigningKeysError that names the file and what is wrong with it */
export async function loadSigningKeys(file: string | KeySource): Promise<SigningKeys> {
  const source = typeof file === 'string' ? keyFile(file) : file;
  return importKeys(source.name, await readKeys(source));
}

/** @throws SigningKeysError that names the file, or what else the text is of, and what is wrong with it */
export async function importKeys(file: string, text: string): Promise<SigningKeys> {
  const keys = await Promise.all(parseKeys(file, text).map((key) => importKey(file, key)));
  const signing = () => signingKeyOf(keys, now());
  if (signing() === undefined) {
    throw new SigningKeysError(`${file}: the time of no key has come yet. Is the clock right? See "nbf" of its keys.`);
  }
  const isAccepted = (key: LoadedKey) => now() <= (acceptedUntil(keys, key) ?? now());
  return {
    // Its time had come when they were loaded; a clock that was set back since then changes nothing.
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
    // A changed number in the file may still import; it then signs what nobody accepts.
    const probe = await new CompactSign(new Uint8Array(1)).setProtectedHeader({ alg: 'RS256' }).sign(privateKey);
    await compactVerify(probe, publicKey);
    return { kid, nbf, privateKey, publicKey, jwk: { kty, kid, n, e, alg: 'RS256', use: 'sig' } };
  } catch (error) {
    throw new SigningKeysError(`${file}: the key "${kid}" is damaged. Put back a copy of the file.`, { cause: error });
  }
}

function now(): number {
  return Math.floor(Date.now() / 1000);
}
