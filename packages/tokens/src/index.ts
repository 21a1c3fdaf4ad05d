export * from './follow-signing-keys.ts';
export * from './id-token.ts';
export {
  acceptedUntil,
  createSigningKeys,
  readKeyFile,
  rotateSigningKeys,
  SigningKeysError,
  signingKeyOf,
} from './key-file.ts';
export * from './signing-keys.ts';
export * from './tokens.ts';
