export type { DemoUser } from './accounts.ts';
export type { OidcClient } from './provider.ts';
export { type Oidc, type OidcOptions, startOidc } from './start-oidc.ts';
