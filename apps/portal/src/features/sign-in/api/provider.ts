import { ErrorResponse, OidcClient, WebStorageStateStore } from 'oidc-client-ts';
import type { PortalConfig } from '../../../portal-config.ts';
import { texts } from '../../../ui/texts.ts';

/** A sign-in failed. The message says why and what to do. */
export class SignInFailed extends Error {
  override readonly name = 'SignInFailed';
}

/** A silent sign-in failed, because the provider needs to ask the person something. */
export class InteractionRequired extends Error {
  override readonly name = 'InteractionRequired';
  readonly returnTo: string;
  readonly orgId: string | undefined;

  constructor({ returnTo, orgId }: SignInState, cause: unknown) {
    super('The sign-in service needs to ask something.', { cause });
    this.returnTo = returnTo;
    this.orgId = orgId;
  }
}

/** `none`: the provider must not ask anything. `login`: it always asks for a sign-in. */
type Prompt = 'none' | 'login';

export interface ProviderReply {
  readonly idToken: string;
  readonly nonce: string;
  readonly returnTo: string;
  readonly silent: boolean;
  /** The organization, if the person already chose one. */
  readonly orgId?: string | undefined;
}

/** Stored by the OpenID library until the provider redirects back. */
type SignInState = Omit<ProviderReply, 'idToken'>;

/** Parameters of a new sign-in. */
export interface SignInRequest {
  readonly returnTo: string;
  readonly prompt: Prompt | null;
  readonly orgId?: string | undefined;
}

/** The OpenID Connect provider, used with the authorization code flow and PKCE. */
export function createProvider(config: PortalConfig, origin: string) {
  const afterSignOut = `${origin}/login`;
  const client = new OidcClient({
    authority: config.oidc_issuer,
    client_id: config.oidc_client_id,
    redirect_uri: `${origin}/login/callback`,
    post_logout_redirect_uri: afterSignOut,
    response_type: 'code',
    scope: 'openid email profile',
    // State and verifier of a sign-in belong to the tab that started it.
    stateStore: new WebStorageStateStore({ store: sessionStorage, prefix: 'spinbay.sign-in.' }),
    requestTimeoutInSeconds: 15,
  });
  const unreachable = (cause: unknown) =>
    new SignInFailed(texts.signIn.providerUnreachable(config.oidc_issuer), { cause });

  return {
    /**
     * The address of the provider at which the sign-in starts.
     * @throws SignInFailed
     */
    async signInUrl({ returnTo, prompt, orgId }: SignInRequest): Promise<string> {
      if (!window.isSecureContext) throw new SignInFailed(texts.signIn.insecure);
      const nonce = crypto.randomUUID();
      await client.clearStaleState();
      try {
        const request = await client.createSigninRequest({
          nonce,
          state: { nonce, returnTo, silent: prompt === 'none', orgId } satisfies SignInState,
          ...(prompt === null ? {} : { prompt }),
        });
        return request.url;
      } catch (error) {
        throw unreachable(error);
      }
    },

    /**
     * Exchanges the code in the callback URL. State and nonce must match those of this tab.
     * @throws SignInFailed or, after a silent sign-in, InteractionRequired
     */
    async finish(callbackUrl: string): Promise<ProviderReply> {
      const { state } = await client.readSigninResponseState(callbackUrl).catch(() => {
        throw new SignInFailed(texts.signIn.stale);
      });
      const data = state.data as SignInState;
      try {
        const { id_token: idToken } = await client.processSigninResponse(callbackUrl);
        if (idToken === undefined) throw new SignInFailed(texts.signIn.notAccepted('no identity token'));
        return { idToken, ...data };
      } catch (error) {
        if (error instanceof SignInFailed) throw error;
        if (error instanceof ErrorResponse && data.silent) throw new InteractionRequired(data, error);
        if (error instanceof ErrorResponse) throw refusal(error);
        if (error instanceof TypeError) throw unreachable(error);
        throw new SignInFailed(texts.signIn.notAccepted(error instanceof Error ? error.message : String(error)), {
          cause: error,
        });
      }
    },

    /**
     * The address that also ends the provider's session.
     * @throws if the provider has none or does not answer
     */
    async signOutUrl(idToken: string): Promise<string> {
      const request = await client.createSignoutRequest({
        id_token_hint: idToken,
        client_id: config.oidc_client_id,
        // Cognito has its own name for the address to return to. Other providers ignore unknown parameters.
        extraQueryParams: { logout_uri: afterSignOut },
      });
      return request.url;
    },
  };
}

function refusal(error: ErrorResponse): SignInFailed {
  if (error.error === 'access_denied') return new SignInFailed(texts.signIn.cancelled, { cause: error });
  return new SignInFailed(texts.signIn.provider(error.error_description ?? error.error ?? error.message), {
    cause: error,
  });
}
