import { ApiError, createClient } from '@spinbay/client';
import type { Api } from '../../../api/api-context.tsx';
import type { Proof } from '../../../api/identity.ts';
import { home, safeReturnPath } from '../return-path.ts';
import type { ProviderReply, SignInRequest } from './provider.ts';

/** The key of the query that completes a sign-in at the callback URL. */
export const finishSignInKey = 'finish-sign-in';

/** Loads the OpenID library, which is only needed to sign in or out. */
async function provider(api: Api) {
  const { createProvider } = await import('./provider.ts');
  return createProvider(api.config, window.location.origin);
}

/**
 * Sends the browser to the sign-in provider.
 * @throws SignInFailed
 */
export async function startSignIn(api: Api, request: SignInRequest): Promise<void> {
  const { signInUrl } = await provider(api);
  const url = await signInUrl(request);
  // The back button can restore this page as it is now, with a busy button or a loader that would never end.
  window.addEventListener('pageshow', ({ persisted }) => {
    if (persisted) window.location.reload();
  });
  window.location.assign(url);
}

/** The next step after the provider: a page, or first the choice of an organization. */
export interface Finished {
  readonly returnTo: string;
  /** Null if there is no choice. */
  readonly choice: Proof | null;
  /** A silent sign-in failed, because the provider needs to ask something. */
  readonly mustAsk: boolean;
}

/**
 * Completes a sign-in at the callback URL: exchanges the code for an identity token, and the identity token for an API
 * token.
 * @throws SignInFailed, ApiError or ConnectionError
 */
export async function finishSignIn(api: Api, callbackUrl: string): Promise<Finished> {
  const { createProvider, InteractionRequired } = await import('./provider.ts');
  const { finish } = createProvider(api.config, window.location.origin);
  let reply: ProviderReply;
  try {
    reply = await finish(callbackUrl);
  } catch (error) {
    if (!(error instanceof InteractionRequired)) throw error;
    const returnTo = safeReturnPath(error.returnTo, window.location.origin);
    if (error.orgId === undefined) return { returnTo, choice: null, mustAsk: true };
    await startSignIn(api, { returnTo, prompt: null, orgId: error.orgId });
    // The browser is navigating to the provider.
    return new Promise(() => undefined);
  }
  const { idToken, nonce, returnTo: wanted, silent, orgId } = reply;
  const returnTo = safeReturnPath(wanted, window.location.origin);
  const proof = { id_token: idToken, nonce, organizations: [] };
  try {
    await enterOrganization(api, proof);
    return { returnTo, choice: null, mustAsk: false };
  } catch (error) {
    if (!(error instanceof ApiError) || error.code !== 'org_choice_required') throw error;
    const choice = { ...proof, organizations: error.organizations };
    // The person has already chosen, here or in another tab.
    const chosen = orgId ?? (silent ? api.identity.lastOrganization() : null);
    if (choice.organizations.some(({ org_id }) => org_id === chosen)) {
      await enterOrganization(api, choice, chosen ?? undefined);
      return { returnTo, choice: null, mustAsk: false };
    }
    return { returnTo, choice, mustAsk: false };
  }
}

/**
 * Signs in to the given organization, or to the only one.
 * @throws ApiError or ConnectionError
 */
export async function enterOrganization(api: Api, proof: Proof, orgId?: string): Promise<void> {
  // Without the current token: a refusal concerns the identity token and must not end the sign-in.
  const client = createClient({ baseUrl: api.config.api_url, timeoutMs: 20_000 });
  const { id_token, nonce } = proof;
  const { body } = await client.authLogin({
    body: { id_token, nonce, ...(orgId === undefined ? {} : { org_id: orgId }) },
  });
  api.identity.signIn(body, proof);
}

/**
 * Switches to another organization of the signed-in person. An identity token can only be exchanged once, so the provider
 * issues a new one without a question.
 * @throws SignInFailed; the person then stays signed in
 */
export async function switchOrganization(api: Api, orgId: string): Promise<void> {
  await startSignIn(api, { returnTo: home, prompt: 'none', orgId });
}

/**
 * Signs out here, in the other tabs, at the API and, if supported, at the provider.
 * @param everywhere also in all other browsers
 * @throws ApiError or ConnectionError if the API did not sign out everywhere; the person then stays signed in
 */
export async function signOut(api: Api, { everywhere }: { everywhere: boolean }): Promise<void> {
  const { identity } = api.identity.get();
  if (identity === null) return;
  await endToken(api, identity.token, everywhere);
  const url = await providerSignOutUrl(api, identity.id_token);
  api.identity.signOut();
  if (url !== null) window.location.assign(url);
}

/** Null if the provider has no such address, or if it or the OpenID library cannot be loaded. */
async function providerSignOutUrl(api: Api, idToken: string): Promise<string | null> {
  try {
    const { signOutUrl } = await provider(api);
    return await signOutUrl(idToken);
  } catch {
    return null;
  }
}

async function endToken(api: Api, token: string, everywhere: boolean): Promise<void> {
  const client = createClient({ baseUrl: api.config.api_url, timeoutMs: 5_000, token: () => token });
  try {
    await client.authLogout({ body: { everywhere } });
  } catch (error) {
    // A sign-out of this browser always succeeds, even without a network. A sign-out everywhere succeeds only if the API
    // confirms it, or no longer accepts the token.
    if (everywhere && !(error instanceof ApiError && error.code === 'unauthenticated')) throw error;
  }
}
