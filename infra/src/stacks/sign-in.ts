import { CfnOutput, Duration, RemovalPolicy } from 'aws-cdk-lib';
import * as cognito from 'aws-cdk-lib/aws-cognito';
import type { Construct } from 'constructs';
import { acknowledge } from '../acknowledge.ts';
import type { Environment } from '../environment.ts';
import { SpinbayStack } from './spinbay-stack.ts';

/** Where people sign in. */
export interface SignIn {
  readonly issuer: string;
  readonly clientId: string;
  /** Origins that the portal calls in a sign-in. Known before anything is deployed. */
  readonly origins: readonly string[];
}

/** A user pool of Cognito in a stack of its own, or the issuer of the environment file. */
export function makeSignIn(scope: Construct, environment: Environment): SignIn {
  const { signIn } = environment;
  if (signIn.kind === 'cognito') return new SignInStack(scope, environment, signIn.domainPrefix);
  return { issuer: signIn.url, clientId: signIn.clientId, origins: [new URL(signIn.url).origin] };
}

class SignInStack extends SpinbayStack implements SignIn {
  readonly issuer: string;
  readonly clientId: string;
  readonly origins: readonly string[];

  constructor(scope: Construct, environment: Environment, domainPrefix: string) {
    super(scope, 'sign-in', { environment });
    const { pool, client } = this.#makeUserPool(domainPrefix);
    this.issuer = pool.userPoolProviderUrl;
    this.clientId = client.userPoolClientId;
    // The keys come from the one, the sign-in page and its tokens from the other.
    this.origins = [
      `https://cognito-idp.${environment.region}.amazonaws.com`,
      `https://${domainPrefix}.auth.${environment.region}.amazoncognito.com`,
    ];
    new CfnOutput(this, 'Issuer', { value: this.issuer });
    new CfnOutput(this, 'ClientId', { value: this.clientId });
  }

  #makeUserPool(domainPrefix: string) {
    const { domains, protectData } = this.params;
    const pool = new cognito.UserPool(this, 'People', {
      // An administrator invites: an address says who somebody is, and Spinbay asks for a verified one.
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
      'AwsSolutions-COG2': 'A second factor is offered to everybody; dealers decide for their people.',
      'AwsSolutions-COG8':
        'The Plus tier is charged for each person; its threat protection is a choice of the operator.',
    });
    pool.addDomain('SignInPage', { cognitoDomain: { domainPrefix } });
    const client = pool.addClient('Portal', {
      // A page in a browser keeps no secret: PKCE protects the code.
      generateSecret: false,
      preventUserExistenceErrors: true,
      authFlows: {},
      oAuth: {
        flows: { authorizationCodeGrant: true },
        scopes: [cognito.OAuthScope.OPENID, cognito.OAuthScope.EMAIL, cognito.OAuthScope.PROFILE],
        callbackUrls: [`https://${domains.portal}/login/callback`],
        logoutUrls: [`https://${domains.portal}/`],
      },
      idTokenValidity: Duration.hours(1),
      accessTokenValidity: Duration.hours(1),
      refreshTokenValidity: Duration.days(1),
      enableTokenRevocation: true,
    });
    return { pool, client };
  }
}
