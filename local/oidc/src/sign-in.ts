import { createHash, randomBytes } from 'node:crypto';
import { UserError } from '@spinbay/contracts/user-error';

export interface SignInOptions {
  readonly issuer: string;
  readonly clientId: string;
  /** A registered redirect URI. Nothing is sent to it: the code is read from the redirect. */
  readonly redirectUri: string;
  readonly email: string;
  readonly password: string;
  readonly fetch?: typeof fetch;
}

export interface SignedIn {
  readonly id_token: string;
  readonly access_token: string;
  /** The nonce in the identity token. */
  readonly nonce: string;
}

/** Signing in failed. The message says why and what to do. */
export class SignInError extends UserError {
  override readonly name = 'SignInError';
}

const maxSteps = 10;
const timeoutMs = 15_000;

/**
 * Signs a person in at the local provider like a browser: code flow with PKCE, the form of the sign-in page, cookies.
 * @throws SignInError
 */
export async function signInByCode(options: SignInOptions): Promise<SignedIn> {
  const { issuer, clientId, redirectUri } = options;
  const browse = createBrowser(options);
  const endpoints = await discover(browse, issuer);
  const [verifier, state, nonce] = [secret(), secret(), secret()];

  const start = new URL(endpoints.authorization);
  start.search = new URLSearchParams({
    client_id: clientId,
    redirect_uri: redirectUri,
    response_type: 'code',
    scope: 'openid email profile',
    code_challenge: createHash('sha256').update(verifier).digest('base64url'),
    code_challenge_method: 'S256',
    state,
    nonce,
  }).toString();
  const answer = await walk(browse, start, options);
  const error = answer.get('error');
  if (error !== null)
    throw new SignInError(`The issuer refused the request: ${answer.get('error_description') ?? error}.`);
  const code = answer.get('code');
  if (code === null || answer.get('state') !== state) {
    throw new SignInError(`The issuer at ${issuer} redirected back without the code of this sign-in.`);
  }

  const reply = await browse(new URL(endpoints.token), {
    grant_type: 'authorization_code',
    client_id: clientId,
    redirect_uri: redirectUri,
    code,
    code_verifier: verifier,
  });
  const tokens = await readJson(reply);
  if (typeof tokens.id_token !== 'string' || typeof tokens.access_token !== 'string') {
    const why = tokens.error_description ?? tokens.error ?? `status ${reply.status}`;
    throw new SignInError(`The issuer at ${issuer} gave no token: ${why}.`);
  }
  return { id_token: tokens.id_token, access_token: tokens.access_token, nonce };
}

/** Follows the redirects through the sign-in page to the address of the application. @returns the query of that address */
async function walk(browse: Browse, start: URL, options: SignInOptions): Promise<URLSearchParams> {
  let at = start;
  let form: Record<string, string> | undefined;
  let sent = false;
  for (let step = 0; step < maxSteps; step++) {
    const reply = await browse(at, form);
    form = undefined;
    const location = reply.headers.get('location');
    if (reply.status >= 300 && reply.status < 400 && location !== null) {
      const next = new URL(location, at);
      if (next.href.split('?')[0] === options.redirectUri) return next.searchParams;
      if (next.origin !== start.origin)
        throw new SignInError(`The issuer redirects to ${next.origin}, which is not allowed.`);
      at = next;
    } else if (reply.status === 401 && sent) {
      throw new SignInError('Wrong e-mail address or password.');
    } else if (reply.status === 429) {
      throw new SignInError(`Too many attempts. Try again in ${reply.headers.get('retry-after') ?? '60'} seconds.`);
    } else if (reply.status === 200 && !sent && /\/interaction\/[^/]+$/.test(at.pathname)) {
      form = { email: options.email, password: options.password };
      sent = true;
    } else {
      const detail = /<p>([^<]{1,300})<\/p>/.exec(await reply.text())?.[1];
      throw new SignInError(`The issuer answers ${reply.status} at ${at.pathname}${detail ? `: ${detail}` : '.'}`);
    }
  }
  throw new SignInError(`The issuer redirected more than ${maxSteps} times.`);
}

async function discover(browse: Browse, issuer: string) {
  const reply = await browse(new URL(`${issuer.replace(/\/$/, '')}/.well-known/openid-configuration`));
  const { issuer: named, authorization_endpoint: authorization, token_endpoint: token } = await readJson(reply);
  if (named !== issuer || typeof authorization !== 'string' || typeof token !== 'string') {
    throw new SignInError(`There is no OpenID Connect issuer with this name at ${issuer}.`);
  }
  return { authorization, token };
}

async function readJson(reply: Response): Promise<Record<string, unknown>> {
  try {
    const json: unknown = await reply.json();
    return typeof json === 'object' && json !== null ? { ...json } : {};
  } catch {
    return {};
  }
}

/** GET, or POST of a form. Returns redirects without following them. */
type Browse = (url: URL, form?: Record<string, string>) => Promise<Response>;

function createBrowser({ issuer, fetch: fetchOne = fetch }: SignInOptions): Browse {
  // There is only one server, so cookies need neither paths nor domains.
  const cookies = new Map<string, string>();
  return async (url, form) => {
    let reply: Response;
    try {
      reply = await fetchOne(url, {
        redirect: 'manual',
        headers: {
          accept: 'text/html, application/json',
          cookie: [...cookies].map((pair) => pair.join('=')).join('; '),
        },
        signal: AbortSignal.timeout(timeoutMs),
        ...(form === undefined ? {} : { method: 'POST', body: new URLSearchParams(form) }),
      });
    } catch (error) {
      throw new SignInError(`The issuer does not answer at ${issuer}. Is Spinbay running?`, { cause: error });
    }
    for (const cookie of reply.headers.getSetCookie()) {
      const [, name, value] = /^([^=;]+)=([^;]*)/.exec(cookie) ?? [];
      if (name !== undefined && value !== undefined) cookies.set(name, value);
    }
    return reply;
  };
}

function secret(): string {
  return randomBytes(32).toString('base64url');
}
