export * from './cache-tokens.ts';
export * from './follow-signing-keys.ts';
export * from './id-token.ts';
export {
  createSigningKeys,
  firstSigningKeys,
  type KeySource,
  type ListedKey,
  listSigningKeys,
  type Rotation,
  rotateKeysIn,
  rotateSigningKeys,
  SigningKeysError,
} from './key-file.ts';
export * from './signing-keys.ts';
export * from './tokens.ts';
