import type { Api } from '../../../api/api-context.tsx';
import { safeReturnPath } from '../return-path.ts';

/** The library for the provider's protocol is loaded only by those who sign in or out. */
async function provider(api: Api) {
  const { createProvider } = await import('./provider.ts');
  return createProvider(api.config, window.location.origin);
}

/**
 * Sends the browser to the sign-in provider.
 * @throws SignInFailed with words for people
 */
export async function startSignIn(api: Api, options: { returnTo: string; chooseAccount: boolean }): Promise<void> {
  const { signInUrl } = await provider(api);
  window.location.assign(await signInUrl(options.returnTo, options.chooseAccount));
}

/**
 * Ends a sign-in at the callback's address: code for identity token, identity token for a token of ours.
 * @returns the path to go on to
 * @throws SignInFailed, ApiError or ConnectionError
 */
export async function finishSignIn(api: Api, callbackUrl: string): Promise<string> {
  const { finish } = await provider(api);
  const { idToken, nonce, returnTo } = await finish(callbackUrl);
  const { body } = await api.client.authLogin({ body: { id_token: idToken, nonce } });
  api.identity.signIn(body, idToken);
  return safeReturnPath(returnTo, window.location.origin);
}

/** Signs out here and, where the provider has an address for it, there. */
export async function signOut(api: Api): Promise<void> {
  const idToken = api.identity.get().identity?.id_token;
  const { signOutUrl } = await provider(api);
  const url = idToken === undefined ? null : await signOutUrl(idToken);
  api.identity.signOut();
  if (url !== null) window.location.assign(url);
}
