import { BytesMissing, type Channel, type NetworkPort } from '../index.ts';

export async function sha256(blob: Blob): Promise<string> {
  const bytes = await blob.arrayBuffer().catch((cause: unknown) => {
    // The browser evicted the file behind the blob, or the disk lost it.
    throw new BytesMissing('The photo can no longer be read from this device.', { cause });
  });
  const digest = new Uint8Array(await crypto.subtle.digest('SHA-256', bytes));
  return Array.from(digest, (byte) => byte.toString(16).padStart(2, '0')).join('');
}

export const browserNetwork: NetworkPort = {
  online: () => navigator.onLine,
  metered: () => connection()?.type === 'cellular' || connection()?.saveData === true,
  onChange: (listener) => {
    const network = connection();
    addEventListener('online', listener);
    addEventListener('offline', listener);
    network?.addEventListener('change', listener);
    return () => {
      removeEventListener('online', listener);
      removeEventListener('offline', listener);
      network?.removeEventListener('change', listener);
    };
  },
};

/** The Network Information API, which only some browsers have. */
interface Connection extends EventTarget {
  readonly type?: string;
  readonly saveData?: boolean;
}

function connection(): Connection | undefined {
  return (navigator as Navigator & { readonly connection?: Connection }).connection;
}

export function lockOf(name: string) {
  return async (work: () => Promise<void>, signal: AbortSignal): Promise<void> => {
    await navigator.locks.request(name, { signal }, work);
  };
}

export function channelOf(name: string): Channel {
  const channel = new BroadcastChannel(name);
  return {
    post: (message) => channel.postMessage(message),
    onMessage: (listener) => {
      const onEvent = ({ data }: MessageEvent) => listener(data);
      channel.addEventListener('message', onEvent);
      return () => channel.removeEventListener('message', onEvent);
    },
  };
}
