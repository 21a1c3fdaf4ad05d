import { createClient } from '@spinbay/client';
import { signInByCode } from '@spinbay/local-oidc/sign-in';
import { readEndpoints } from '@spinbay/local-stack';
import { readSettings } from '@spinbay/runtime';
import { CommandError } from '../terminal/command-error.ts';
import { parseFlags } from '../terminal/parse-flags.ts';
import { print } from '../terminal/print.ts';

const usage = 'token --user EMAIL';

export const token = {
  usage,
  about: 'Signs in a demo user at the local provider and prints the API token, for example for curl.',
  run,
};

async function run(args: string[]): Promise<number> {
  const { values } = parseFlags(usage, args, { user: { type: 'string' } });
  if (values.user === undefined) throw new CommandError(`--user is missing.\nUsage: spinbay ${usage}`);
  const settings = readSettings(process.env, ['SPINBAY_DATA_DIR', 'OIDC_CLIENT_ID', 'SPINBAY_OIDC_PORT']);
  const local = await readEndpoints(settings.SPINBAY_DATA_DIR);
  if (local === null) throw new CommandError('Spinbay does not run here. Start it with "npm start".');
  const isLocal = local.oidc === `http://127.0.0.1:${settings.SPINBAY_OIDC_PORT}`;
  if (!isLocal && local.oidc !== `${local.portal}/oidc`) {
    throw new CommandError(
      `This command signs in demo users of the local provider only, but people sign in at ${local.oidc} here. Sign in at the portal.`,
    );
  }
  const users = local.demo?.users ?? [];
  if (users.length === 0)
    throw new CommandError('There is no demo organization here, and so no demo user. Sign in at the portal.');
  const user = users.find(({ email }) => email === values.user);
  if (user === undefined)
    throw new CommandError(
      `${values.user} is not a demo user. The demo users are ${users.map(({ email }) => email).join(', ')}.`,
    );
  const identity = await signInByCode({
    issuer: local.oidc,
    clientId: settings.OIDC_CLIENT_ID,
    redirectUri: `${local.portal}/login/callback`,
    email: user.email,
    password: user.password,
  });
  const { body } = await createClient({ baseUrl: local.api }).authLogin({
    body: { id_token: identity.id_token, nonce: identity.nonce },
  });
  print(body.token);
  return 0;
}
