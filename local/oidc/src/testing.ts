import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createLogger } from '@spinbay/runtime';
import { signInByCode } from './sign-in.ts';

export const clientId = 'spinbay-portal';
export const portalUrl = 'http://127.0.0.1:4100';
const redirectUri = `${portalUrl}/login/callback`;
const password = 'the password of everybody';

/** The provider knows the people of this many test organizations. */
const knownOrgs = 16;

export interface TestIssuer {
  readonly url: string;
  close(): Promise<void>;
}

/** The shared issuer of the test run, or a new one outside of a run. */
export async function startTestIssuer(): Promise<TestIssuer> {
  const servers = process.env.SPINBAY_TEST_SERVERS;
  if (servers === undefined) return startSeparateIssuer();
  const reply = await fetch(`${servers}/issuer`, { method: 'POST' });
  if (!reply.ok) throw new Error(await reply.text());
  const { url } = (await reply.json()) as { url: string };
  return { url, close: async () => undefined };
}

export async function startSeparateIssuer(): Promise<TestIssuer> {
  // Loaded on demand: it is heavy, and only needed without a shared issuer.
  const { startOidc } = await import('./start-oidc.ts');
  const emails = Array.from({ length: knownOrgs }, (_, k) =>
    ['operator', 'reviewer', 'admin'].map((role) => `${role}@org${k + 1}.test`),
  ).flat();
  const users = [
    ...emails.map((email) => ({ email, emailVerified: true })),
    { email: 'stranger@elsewhere.test', emailVerified: true },
    { email: 'unverified@org1.test', emailVerified: false },
  ];
  const dataDir = await mkdtemp(join(tmpdir(), 'spinbay-issuer-'));
  const oidc = await startOidc({
    host: '127.0.0.1',
    port: 0,
    dataDir,
    users: users.map((user) => ({ ...user, name: user.email, password })),
    clients: [{ clientId, redirectUris: [redirectUri], postLogoutRedirectUris: [`${portalUrl}/login`] }],
    portalUrl,
    trustedProxies: [],
    log: createLogger({ name: 'issuer', level: 'silent' }),
  });
  return {
    url: oidc.url,
    close: async () => {
      await oidc.close();
      await rm(dataDir, { recursive: true, force: true });
    },
  };
}

/** An identity token for a person known to the issuer, like the one that the portal gets. */
export function testIdToken(issuer: string, email: string): Promise<{ id_token: string; nonce: string }> {
  return signInByCode({ issuer, clientId, redirectUri, email, password });
}
