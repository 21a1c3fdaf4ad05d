import { createHash, createHmac, randomBytes, timingSafeEqual } from 'node:crypto';

export interface DemoUser {
  readonly email: string;
  readonly name: string;
  readonly password: string;
  readonly emailVerified: boolean;
}

export interface Account extends Omit<DemoUser, 'password'> {
  /** Does not change with a restart. */
  readonly accountId: string;
}

export interface Accounts {
  /** The account with this address and password. An unknown address takes as long as a wrong password. */
  check(email: string, password: string): Account | null;
  byId(accountId: string): Account | null;
}

export function createAccounts(users: readonly DemoUser[]): Accounts {
  // Constant-time comparison needs equal lengths. The random key prevents precomputed guesses.
  const key = randomBytes(32);
  const digest = (password: string) => createHmac('sha256', key).update(password).digest();
  const nobody = digest(randomBytes(32).toString('hex'));

  const byEmail = new Map<string, { account: Account; password: Buffer }>();
  const byId = new Map<string, Account>();
  for (const { password, ...user } of users) {
    const email = normalizeEmail(user.email);
    const accountId = createHash('sha256').update(email).digest('base64url').slice(0, 22);
    const account = { ...user, email, accountId };
    byEmail.set(email, { account, password: digest(password) });
    byId.set(accountId, account);
  }
  return {
    check(email, password) {
      const known = byEmail.get(normalizeEmail(email));
      const equal = timingSafeEqual(digest(password), known?.password ?? nobody);
      return known && equal ? known.account : null;
    },
    byId: (accountId) => byId.get(accountId) ?? null,
  };
}

/** Addresses are compared without case and surrounding spaces. */
export function normalizeEmail(email: string): string {
  return email.trim().toLowerCase();
}
