import { crc32 } from 'node:zlib';
import { LRUCache } from 'lru-cache';
import type { UrlSigner } from './sign-url.ts';

/** All URLs of a group that are made within one window are the same. */
const windowSeconds = 30 * 60;
/** So that the oldest URL of a window still holds for an hour and a half. */
const validitySeconds = 2 * 60 * 60;
/** URLs of some 900 bytes with their keys: 20 MB at most, the thumbnails of 300 galleries. */
const rememberedUrls = 24_000;

/** Each group has a beat of its own: if all rolled over at once, every open gallery would ask for every picture anew at that moment. */
function windowStart({ now, group }: ReadTime): Date {
  const seconds = Math.floor(now.getTime() / 1000);
  const sinceRollover = (seconds + (crc32(group) % windowSeconds)) % windowSeconds;
  return new Date((seconds - sinceRollover) * 1000);
}

export interface ReadTime {
  readonly now: Date;
  /** What is shown together and so rolls over together: the id of a session. */
  readonly group: string;
}

/** When the URLs for reading end that are signed now. */
export function readUrlsHoldUntil(time: ReadTime): Date {
  return new Date(windowStart(time).getTime() + validitySeconds * 1000);
}

export interface GetSigner {
  /** In the order of the keys. */
  sign(keys: readonly string[], time: ReadTime): Promise<string[]>;
  urlWindow(time: ReadTime): Promise<string>;
}

/** Signs URLs for reading, the same ones for half an hour: a poll finds those of the poll before it again. */
export function createGetSigner(signer: () => Promise<UrlSigner>): GetSigner {
  const signed = new LRUCache<string, { window: string; url: string }>({ max: rememberedUrls });
  const windowOf = (signedAt: Date, accessKeyId: string) => `${signedAt.getTime() / 1000}.${accessKeyId}`;
  return {
    async sign(keys, time) {
      const { accessKeyId, sign } = await signer();
      const signedAt = windowStart(time);
      const window = windowOf(signedAt, accessKeyId);
      return keys.map((key) => {
        const known = signed.get(key);
        if (known?.window === window) return known.url;
        const url = sign({ method: 'GET', key, signedAt, expiresInSeconds: validitySeconds });
        signed.set(key, { window, url });
        return url;
      });
    },
    async urlWindow(time) {
      // A role's credentials change every few hours and end before the URLs that they signed would: a client that was
      // told "unchanged" then would keep URLs that no longer work.
      return windowOf(windowStart(time), (await signer()).accessKeyId);
    },
  };
}
