import { ApiError, type Client } from '@spinbay/client';
import type { DeviceAuth } from './device-auth.ts';

/** The client, with a token refresh and one retry after a 401. The outbox does the same for its calls. */
export function authorizedClient(client: Client, auth: Pick<DeviceAuth, 'onUnauthorized' | 'token'>): Client {
  return new Proxy(client, {
    get(target, name, receiver) {
      const method: unknown = Reflect.get(target, name, receiver);
      if (typeof method !== 'function') return method;
      return async (...parameters: unknown[]) => {
        const token = auth.token();
        try {
          return await method(...parameters);
        } catch (error) {
          if (!(error instanceof ApiError) || error.status !== 401) throw error;
          if ((await auth.onUnauthorized(token)) === 'signed_out') throw error;
          return await method(...parameters);
        }
      };
    },
  });
}
