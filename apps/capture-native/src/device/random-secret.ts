/** 32 random bytes as base64url. */
export function randomSecret(randomBytes: (count: number) => Uint8Array): string {
  return btoa(String.fromCharCode(...randomBytes(32)))
    .replaceAll('+', '-')
    .replaceAll('/', '_')
    .replaceAll('=', '');
}
