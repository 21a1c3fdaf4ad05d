import { createHash, timingSafeEqual } from 'node:crypto';

/** The stored hash of a secret. Secrets are long and random, so a fast hash is enough. */
export function sha256(secret: string): string {
  return createHash('sha256').update(secret).digest('hex');
}

/** Compares a secret with a stored hash in constant time. */
export function isSecret(given: string, keptSha256: string): boolean {
  return timingSafeEqual(Buffer.from(sha256(given)), Buffer.from(keptSha256));
}
