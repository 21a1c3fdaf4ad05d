import { crc32 } from 'node:zlib';
import { LRUCache } from 'lru-cache';
import type { UrlSigner } from './sign-url.ts';

/** Within a window, the URL of a key stays the same. */
const windowSeconds = 30 * 60;
/** The oldest URL of a window is still valid for an hour and a half. */
const validitySeconds = 2 * 60 * 60;
/** An entry takes about 900 bytes, so the cache takes about 22 MB at most: the thumbnails of 300 galleries. */
const maxUrls = 24_000;

/**
 * Returns the start of the current window. The windows of groups are offset: if all rolled over at once, every open gallery
 * would fetch every picture again at that moment.
 */
function windowStart({ now, group }: ReadTime): Date {
  const seconds = Math.floor(now.getTime() / 1000);
  const sinceRollover = (seconds + (crc32(group) % windowSeconds)) % windowSeconds;
  return new Date((seconds - sinceRollover) * 1000);
}

export interface ReadTime {
  readonly now: Date;
  /** URLs of one group roll over together. The group is the id of a session. */
  readonly group: string;
}

/** Returns the time at which URLs for reading expire if they are signed at `time`. */
export function readUrlsExpireAt(time: ReadTime): Date {
  return new Date(windowStart(time).getTime() + validitySeconds * 1000);
}

export interface GetSigner {
  /**
   * @param disposition the `Content-Disposition` of the replies. It overrides that of the objects.
   * @returns URLs in the order of the keys
   */
  sign(keys: readonly string[], time: ReadTime, disposition?: string): Promise<string[]>;
  urlWindow(time: ReadTime): Promise<string>;
}

/** Signs URLs for reading and caches them for half an hour, so that successive polls get the same URLs. */
export function createGetSigner(signer: () => Promise<UrlSigner>): GetSigner {
  const signed = new LRUCache<string, { window: string; url: string }>({ max: maxUrls });
  const windowOf = (signedAt: Date, accessKeyId: string) => `${signedAt.getTime() / 1000}.${accessKeyId}`;
  return {
    async sign(keys, time, disposition) {
      const { accessKeyId, sign } = await signer();
      const signedAt = windowStart(time);
      const window = windowOf(signedAt, accessKeyId);
      return keys.map((key) => {
        const id = disposition === undefined ? key : `${key}?${disposition}`;
        const known = signed.get(id);
        if (known?.window === window) return known.url;
        const url = sign({ method: 'GET', key, signedAt, expiresInSeconds: validitySeconds, disposition });
        signed.set(id, { window, url });
        return url;
      });
    },
    async urlWindow(time) {
      // The credentials of a role change every few hours and expire before the URLs signed with them. Without the key id, a
      // client that gets "not modified" would keep URLs that no longer work.
      return windowOf(windowStart(time), (await signer()).accessKeyId);
    },
  };
}
