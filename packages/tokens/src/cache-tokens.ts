import { hash } from 'node:crypto';
import { decodeJwt } from 'jose';
import type { Principal, Tokens } from './tokens.ts';

/** A token is verified again after this time, so that removing a signing key invalidates its tokens. */
const cacheMs = 60_000;
/** The cache has two generations of this size: at most about 10 MB. */
const size = 10_000;

interface Verified {
  readonly principal: Principal;
  /** In epoch milliseconds. */
  readonly until: number;
}

/**
 * Caches valid tokens for a minute, by their SHA-256 and never past their expiry. A portal sends the same token every three
 * seconds, and the verification of an RSA signature costs more than the rest of an unchanged poll. Every transaction still
 * runs the access check in the database.
 */
export function cacheTokens(tokens: Tokens): Tokens {
  let young = new Map<string, Verified>();
  let old = new Map<string, Verified>();
  return {
    ...tokens,
    verify: async (token) => {
      const key = hash('sha256', token, 'base64');
      const known = young.get(key) ?? old.get(key);
      if (known !== undefined && Date.now() < known.until) return known.principal;
      const principal = await tokens.verify(token);
      if (principal === null) return null;
      if (young.size >= size) {
        old = young;
        young = new Map();
      }
      const expiry = (decodeJwt(token).exp ?? 0) * 1000;
      young.set(key, { principal, until: Math.min(expiry, Date.now() + cacheMs) });
      return principal;
    },
  };
}
