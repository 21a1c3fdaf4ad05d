import { setTimeout as sleep } from 'node:timers/promises';
import { type Client, createClient } from '@spinbay/client';
import type { Endpoints } from '@spinbay/local-stack';

export interface Watcher {
  readonly polls: number;
  readonly faults: number;
}

/** Polls the newest sessions like the portal, and ignores failures. */
export async function watch({ api }: Endpoints, token: string, signal: AbortSignal): Promise<Watcher> {
  const client: Client = createClient({ baseUrl: api, token: () => token, timeoutMs: 10_000 });
  const seen = { polls: 0, faults: 0 };
  while (!signal.aborted) {
    try {
      const { body } = await client.listSessions({ query: { limit: 3 } });
      for (const { id } of body.items) await client.listImages({ query: { session_id: id } });
      seen.polls += 1;
    } catch {
      seen.faults += 1;
    }
    await sleep(1_000, undefined, { signal }).catch(() => undefined);
  }
  return seen;
}
