import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createLogger, exitWith, readServiceSettings, runService } from '@spinbay/runtime';
import { z } from 'zod';
import { startOidc } from './start-oidc.ts';

const DemoUsers = z.array(z.object({ email: z.email(), name: z.string().min(1), password: z.string().min(1) }));

async function readUsers(file: string) {
  const text = await readFile(file, 'utf8').catch((error: unknown) => {
    throw new Error(`${file} cannot be read. The local installation writes it when it starts.`, { cause: error });
  });
  try {
    return DemoUsers.parse(JSON.parse(text)).map((user) => ({ ...user, emailVerified: true }));
  } catch (error) {
    throw new Error(`${file} is not a list of {email, name, password}.`, { cause: error });
  }
}

function main() {
  const settings = readServiceSettings('oidc', process.env);
  const log = createLogger({ name: 'oidc', level: settings.LOG_LEVEL });
  const portalUrl = settings.SPINBAY_PORTAL_URL;
  return runService(log, async () => {
    const oidc = await startOidc({
      host: settings.SPINBAY_HOST,
      port: settings.SPINBAY_OIDC_PORT,
      issuer: settings.OIDC_ISSUER ?? `http://127.0.0.1:${settings.SPINBAY_OIDC_PORT}`,
      dataDir: settings.SPINBAY_DATA_DIR,
      users: await readUsers(join(settings.SPINBAY_DATA_DIR, 'demo-users.json')),
      clients: [
        {
          clientId: settings.OIDC_CLIENT_ID,
          redirectUris: [`${portalUrl}/login/callback`],
          postLogoutRedirectUris: [`${portalUrl}/login`],
        },
      ],
      portalUrl,
      trustedProxies: settings.SPINBAY_TRUSTED_PROXIES,
      log,
    });
    log.info({ url: oidc.url }, 'the local sign-in is up');
    return oidc;
  });
}

try {
  await main();
} catch (error) {
  exitWith(createLogger({ name: 'oidc', level: 'info' }), error);
}
