import { ApiError, createClient } from '@spinbay/client';
import type { Api } from '../../../api/api-context.tsx';
import type { Proof } from '../../../api/identity.ts';
import { home, safeReturnPath } from '../return-path.ts';
import type { Prompt, ProviderReply } from './provider.ts';

/** The library for the provider's protocol is loaded only by those who sign in or out. */
async function provider(api: Api) {
  const { createProvider } = await import('./provider.ts');
  return createProvider(api.config, window.location.origin);
}

/**
 * Sends the browser to the sign-in provider.
 * @throws SignInFailed with words for people
 */
export async function startSignIn(api: Api, options: { returnTo: string; prompt: Prompt | null }): Promise<void> {
  const { signInUrl } = await provider(api);
  window.location.assign(await signInUrl(options.returnTo, options.prompt));
}

/** How a sign-in ended at the provider goes on: to a page, or to the choice between organizations first. */
export interface Finished {
  readonly returnTo: string;
  /** Null where there is nothing to choose. */
  readonly choice: Proof | null;
  /** A silent sign-in found that the provider has to ask. */
  readonly mustAsk: boolean;
}

/**
 * Ends a sign-in at the callback's address: code for identity token, identity token for a token of ours.
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
    return { returnTo: safeReturnPath(error.returnTo, window.location.origin), choice: null, mustAsk: true };
  }
  const { idToken, nonce, returnTo: wanted, silent } = reply;
  const returnTo = safeReturnPath(wanted, window.location.origin);
  const proof = { id_token: idToken, nonce, organizations: [] };
  try {
    await enterOrganization(api, proof);
    return { returnTo, choice: null, mustAsk: false };
  } catch (error) {
    if (!(error instanceof ApiError) || error.code !== 'org_choice_required') throw error;
    const choice = { ...proof, organizations: error.organizations };
    const last = api.identity.lastOrganization();
    // Another tab asked already.
    if (silent && choice.organizations.some(({ org_id }) => org_id === last)) {
      await enterOrganization(api, choice, last ?? undefined);
      return { returnTo, choice: null, mustAsk: false };
    }
    return { returnTo, choice, mustAsk: false };
  }
}

/**
 * Signs in to the organization, or to the only one that there is.
 * @throws ApiError or ConnectionError
 */
export async function enterOrganization(api: Api, proof: Proof, orgId?: string): Promise<void> {
  // Without the token of whoever is signed in: a refusal is about the proof, and ends no sign-in.
  const client = createClient({ baseUrl: api.config.api_url, timeoutMs: 20_000 });
  const { id_token, nonce } = proof;
  const { body } = await client.authLogin({
    body: { id_token, nonce, ...(orgId === undefined ? {} : { org_id: orgId }) },
  });
  api.identity.signIn(body, proof);
}

/**
 * Goes on in another organization of whoever is signed in; by way of the provider where its token has run out meanwhile,
 * who then asks for nothing but the choice.
 * @throws SignInFailed, ApiError or ConnectionError; whoever is signed in then stays so
 */
export async function switchOrganization(api: Api, orgId: string): Promise<void> {
  const { identity } = api.identity.get();
  if (!identity) return;
  const { id_token, nonce, organizations } = identity;
  try {
    await enterOrganization(api, { id_token, nonce, organizations }, orgId);
  } catch (error) {
    if (!(error instanceof ApiError) || error.code !== 'invalid_id_token') throw error;
    await startSignIn(api, { returnTo: home, prompt: null });
  }
}

/** Signs out here, in the other tabs and, where the provider has an address for it, there. */
export async function signOut(api: Api): Promise<void> {
  const idToken = api.identity.get().identity?.id_token;
  const { signOutUrl } = await provider(api);
  const url = idToken === undefined ? null : await signOutUrl(idToken);
  api.identity.signOut();
  if (url !== null) window.location.assign(url);
}
