import { CfnOutput, Duration, RemovalPolicy } from 'aws-cdk-lib';
import * as cognito from 'aws-cdk-lib/aws-cognito';
import type { Construct } from 'constructs';
import { acknowledge } from '../acknowledge.ts';
import type { Environment } from '../environment.ts';
import { SpinbayStack } from './spinbay-stack.ts';

/** The identity provider. */
export interface SignIn {
  readonly issuer: string;
  readonly clientId: string;
  /** The portal calls these two origins during a sign-in. They are known before the deployment. */
  readonly issuerOrigin: string;
  readonly tokenOrigin: string;
  /** For `OIDC_TRUSTED_EMAIL_DOMAINS`. */
  readonly trustedEmailDomains: readonly string[];
}

/** A Cognito user pool in a separate stack, or the issuer of the environment file. */
export function makeSignIn(scope: Construct, environment: Environment): SignIn {
  const { signIn } = environment;
  if (signIn.kind === 'cognito') return new SignInStack(scope, environment, signIn.domainPrefix);
  const { url, clientId, tokenOrigin, trustedEmailDomains = [] } = signIn;
  const issuerOrigin = new URL(url).origin;
  return { issuer: url, clientId, issuerOrigin, tokenOrigin: tokenOrigin ?? issuerOrigin, trustedEmailDomains };
}

class SignInStack extends SpinbayStack implements SignIn {
  readonly issuer: string;
  readonly clientId: string;
  readonly issuerOrigin: string;
  readonly tokenOrigin: string;
  /** None: the tokens of a user pool state whether an address is verified. */
  readonly trustedEmailDomains = [];

  constructor(scope: Construct, environment: Environment, domainPrefix: string) {
    super(scope, 'sign-in', { environment });
    const { pool, client } = this.#makeUserPool(domainPrefix);
    this.issuer = pool.userPoolProviderUrl;
    this.clientId = client.userPoolClientId;
    this.issuerOrigin = `https://cognito-idp.${environment.region}.amazonaws.com`;
    this.tokenOrigin = `https://${domainPrefix}.auth.${environment.region}.amazoncognito.com`;
    new CfnOutput(this, 'Issuer', { value: this.issuer });
    new CfnOutput(this, 'ClientId', { value: this.clientId });
  }

  #makeUserPool(domainPrefix: string) {
    const { domains, protectData } = this.params;
    const pool = new cognito.UserPool(this, 'People', {
      // Administrators invite people, because Spinbay identifies a person by a verified email address.
      selfSignUpEnabled: false,
      signInAliases: { email: true },
      autoVerify: { email: true },
      standardAttributes: { email: { required: true, mutable: true } },
      mfa: cognito.Mfa.OPTIONAL,
      mfaSecondFactor: { otp: true, sms: false },
      passwordPolicy: {
        minLength: 14,
        requireDigits: true,
        requireLowercase: true,
        requireUppercase: true,
        requireSymbols: true,
        tempPasswordValidity: Duration.days(3),
      },
      accountRecovery: cognito.AccountRecovery.EMAIL_ONLY,
      deletionProtection: protectData,
      removalPolicy: protectData ? RemovalPolicy.RETAIN : RemovalPolicy.DESTROY,
    });
    acknowledge(pool, {
      'AwsSolutions-COG2': 'A second factor is optional; dealers decide for their people.',
      'AwsSolutions-COG8': 'The Plus tier costs money per person; the operator decides about its threat protection.',
    });
    pool.addDomain('SignInPage', { cognitoDomain: { domainPrefix } });
    const client = pool.addClient('Portal', {
      // A browser page cannot keep a secret. PKCE protects the code.
      generateSecret: false,
      preventUserExistenceErrors: true,
      authFlows: {},
      oAuth: {
        flows: { authorizationCodeGrant: true },
        scopes: [cognito.OAuthScope.OPENID, cognito.OAuthScope.EMAIL, cognito.OAuthScope.PROFILE],
        callbackUrls: [`https://${domains.portal}/login/callback`],
        logoutUrls: [`https://${domains.portal}/login`],
      },
      idTokenValidity: Duration.hours(1),
      accessTokenValidity: Duration.hours(1),
      refreshTokenValidity: Duration.days(1),
      enableTokenRevocation: true,
    });
    return { pool, client };
  }
}
