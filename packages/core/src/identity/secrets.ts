import { createHash, timingSafeEqual } from 'node:crypto';

/** What is kept of a secret: it is random and long, so that a fast hash is enough. */
export function sha256(secret: string): string {
  return createHash('sha256').update(secret).digest('hex');
}

/** Whether a secret is the one whose hash was kept, in the same time wherever they differ. */
export function isSecret(given: string, keptSha256: string): boolean {
  return timingSafeEqual(Buffer.from(sha256(given)), Buffer.from(keptSha256));
}
