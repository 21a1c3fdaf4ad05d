export * from './id-token.ts';
export * from './signing-keys.ts';
export * from './tokens.ts';
