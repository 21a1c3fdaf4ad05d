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
  about:
    'Prints an API token of a local demo user, by a real sign-in at the local provider. For trying the API with curl.',
  run,
};

async function run(args: string[]): Promise<number> {
  const { values } = parseFlags(usage, args, { user: { type: 'string' } });
  if (values.user === undefined) throw new CommandError(`--user is missing.\nUsage: spinbay ${usage}`);
  const settings = readSettings(process.env, ['SPINBAY_DATA_DIR', 'OIDC_CLIENT_ID', 'SPINBAY_OIDC_PORT']);
  const local = await readEndpoints(settings.SPINBAY_DATA_DIR);
  if (local === null) throw new CommandError('No Spinbay runs here. Start it with "npm start".');
  const isLocal = local.oidc === `http://127.0.0.1:${settings.SPINBAY_OIDC_PORT}`;
  if (!isLocal && local.oidc !== `${local.portal}/oidc`) {
    throw new CommandError(
      `People sign in at ${local.oidc} here, which is not the local provider: this command is for demo users only. Sign in at the portal.`,
    );
  }
  const user = local.demo.users.find(({ email }) => email === values.user);
  if (user === undefined)
    throw new CommandError(
      `${values.user} is no demo user. They are ${local.demo.users.map(({ email }) => email).join(', ')}.`,
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
