import { RecentMap } from './recent-map.ts';
import type { UrlSigner } from './sign-url.ts';

/** All URLs made within one window are the same. */
const windowSeconds = 30 * 60;
/** So that the oldest URL of a window still holds for an hour and a half. */
const validitySeconds = 2 * 60 * 60;
/** URLs of some 900 bytes with their keys, in two generations: 20 MB at most, the thumbnails of 300 to 500 galleries. */
const rememberedUrls = 12_000;

function windowStart(now: Date): Date {
  const seconds = Math.floor(now.getTime() / 1000);
  return new Date((seconds - (seconds % windowSeconds)) * 1000);
}

/** When the URLs for reading end that are signed now. */
export function readUrlsHoldUntil(now: Date): Date {
  return new Date(windowStart(now).getTime() + validitySeconds * 1000);
}

export interface GetSigner {
  /** In the order of the keys. */
  sign(keys: readonly string[], now: Date): Promise<string[]>;
  urlWindow(now: Date): Promise<string>;
}

/** Signs URLs for reading, the same ones for half an hour: a poll finds those of the poll before it again. */
export function createGetSigner(signer: () => Promise<UrlSigner>): GetSigner {
  let signed = { window: '', urls: new RecentMap<string>(rememberedUrls) };
  const windowOf = (now: Date, accessKeyId: string) => `${windowStart(now).getTime() / 1000}.${accessKeyId}`;
  return {
    async sign(keys, now) {
      const { accessKeyId, sign } = await signer();
      const window = windowOf(now, accessKeyId);
      if (signed.window !== window) signed = { window, urls: new RecentMap(rememberedUrls) };
      const { urls } = signed;
      const signedAt = windowStart(now);
      return keys.map((key) => {
        const known = urls.get(key);
        if (known !== undefined) return known;
        const url = sign({ method: 'GET', key, signedAt, expiresInSeconds: validitySeconds });
        urls.set(key, url);
        return url;
      });
    },
    async urlWindow(now) {
      // A role's credentials change every few hours and end before the URLs that they signed would: a client that was
      // told "unchanged" then would keep URLs that no longer work.
      return windowOf(now, (await signer()).accessKeyId);
    },
  };
}
