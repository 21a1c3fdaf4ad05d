import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Logger } from '@spinbay/runtime';
import { errors, type Provider } from 'oidc-provider';
import { type Accounts, normalizeEmail } from './accounts.ts';
import { contentSecurityPolicy, faultPage, signInPage } from './pages.ts';
import type { SignInDelays } from './sign-in-delays.ts';

export interface InteractionOptions {
  readonly provider: Provider;
  readonly issuer: string;
  readonly accounts: Accounts;
  readonly delays: SignInDelays;
  /** The network address that a request comes from. */
  readonly addressOf: (req: IncomingMessage) => string;
  readonly portalUrl: string;
  readonly log: Logger;
}

/** An address and a password need a few hundred bytes. */
const maxBodyBytes = 8192;

/**
 * `GET` and `POST /interaction/:uid`: the sign-in page. The browser must have the cookie that the provider set for this
 * interaction. The origin check refuses forms from other pages.
 */
export function createInteraction(options: InteractionOptions) {
  const { provider, issuer, accounts, delays, addressOf, portalUrl, log } = options;
  const { origin, pathname } = new URL(issuer);
  const mount = pathname.replace(/\/$/, '');
  const fault = (res: ServerResponse, status: number, detail: string) =>
    send(res, status, faultPage('Sign-in failed', detail, portalUrl));

  return async (req: IncomingMessage, res: ServerResponse): Promise<void> => {
    if (req.method !== 'GET' && req.method !== 'POST') {
      res.setHeader('allow', 'GET, POST');
      return fault(res, 405, 'This page supports only GET and POST.');
    }
    const interaction = await provider.interactionDetails(req, res).catch((error: unknown) => {
      if (error instanceof errors.SessionNotFound) return null;
      throw error;
    });
    if (!interaction) {
      return fault(res, 400, 'This sign-in has ended or was started in another browser. Start again from the portal.');
    }
    const { prompt, params, uid } = interaction;
    if (prompt.name !== 'login') {
      // Happens only with `prompt=consent`. The grant itself is created in the provider's settings.
      return provider.interactionFinished(req, res, { consent: {} }, { mergeWithLastSubmission: true });
    }

    // Browsers also apply `form-action` to the redirects that follow a form, so it includes the origin of the application.
    const form = {
      action: `${mount}/interaction/${uid}`,
      targets: ["'self'", new URL(String(params.redirect_uri)).origin],
    };
    const show = (status: number, email: string, why: string | null) =>
      send(res, status, signInPage({ action: form.action, email, fault: why }), form.targets);

    if (req.method === 'GET') {
      const hint = typeof params.login_hint === 'string' ? params.login_hint.slice(0, 254) : '';
      return show(200, hint, null);
    }
    if (req.headers.origin !== undefined && req.headers.origin !== origin) {
      return fault(res, 403, 'The form was sent from another page. Start again from the portal.');
    }
    if (!/^application\/x-www-form-urlencoded\b/i.test(req.headers['content-type'] ?? '')) {
      return fault(res, 415, 'The form must be sent as application/x-www-form-urlencoded.');
    }
    const body = await readBody(req, maxBodyBytes);
    if (body === null) {
      res.setHeader('connection', 'close');
      return fault(res, 413, `A form has at most ${maxBodyBytes} bytes.`);
    }
    const fields = new URLSearchParams(body);
    const email = normalizeEmail(fields.get('email') ?? '').slice(0, 254);
    const attempt = { address: addressOf(req), email };
    const wait = delays.waitSeconds(attempt);
    if (wait > 0) {
      res.setHeader('retry-after', String(wait));
      return show(429, email, `Too many attempts. Try again in ${wait} seconds.`);
    }
    const account = accounts.check(email, fields.get('password') ?? '');
    if (!account) {
      delays.failed(attempt);
      log.info({ email }, 'a sign-in was refused');
      return show(401, email, 'Wrong e-mail address or password.');
    }
    delays.succeeded(attempt);
    await provider.interactionFinished(req, res, { login: { accountId: account.accountId } });
  };
}

export function send(res: ServerResponse, status: number, html: string, formTargets?: readonly string[]): void {
  res.writeHead(status, {
    'content-type': 'text/html; charset=utf-8',
    'cache-control': 'no-store',
    'content-security-policy': contentSecurityPolicy(formTargets),
  });
  res.end(html);
}

/** @returns null if the body has more than `max` bytes */
async function readBody(req: IncomingMessage, max: number): Promise<string | null> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of req.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > max) return null;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}
