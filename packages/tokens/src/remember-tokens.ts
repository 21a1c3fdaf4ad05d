import { hash } from 'node:crypto';
import { decodeJwt } from 'jose';
import type { Principal, Tokens } from './tokens.ts';

/** A verified token is verified again after this time, so that a signing key that was withdrawn ends its tokens. */
const leaseMs = 60_000;
/** Callers in two generations of this size: some 10 MB at most. */
const size = 10_000;

interface Verified {
  readonly principal: Principal;
  /** Epoch milliseconds. */
  readonly until: number;
}

/**
 * Remembers for a minute which tokens were verified. A portal shows the same one every three seconds, and RSA costs more
 * than the rest of an unchanged poll. Only good tokens are remembered, by their SHA-256 and never past their expiry; whether
 * their holder still may call is asked of the database in every transaction.
 */
export function rememberTokens(tokens: Tokens): Tokens {
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
      young.set(key, { principal, until: Math.min(expiry, Date.now() + leaseMs) });
      return principal;
    },
  };
}
