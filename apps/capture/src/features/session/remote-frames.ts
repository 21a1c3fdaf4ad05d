import type { Client } from '@spinbay/client';
import { SessionId, slotKey, type Verdict, verdictOf } from '@spinbay/contracts';
import { useEffect, useState } from 'react';

/** A frame that the server has. */
export interface RemoteFrame {
  readonly imageId: string;
  readonly verdict: Verdict | null;
  readonly thumbUrl: string | null;
}

const none: ReadonlyMap<string, RemoteFrame> = new Map();

/** The server's frames of a session, by slot. Loaded once, and empty if the server cannot be reached then. */
export function useRemoteFrames(
  client: Client,
  sessionId: string,
  announced: boolean,
): ReadonlyMap<string, RemoteFrame> {
  const [frames, setFrames] = useState(none);
  useEffect(() => {
    if (!announced) return;
    const leaving = new AbortController();
    fetchRemoteFrames(client, sessionId, leaving.signal)
      .then(setFrames)
      // The frames on this device are still shown.
      .catch(() => undefined);
    return () => leaving.abort();
  }, [client, sessionId, announced]);
  return frames;
}

async function fetchRemoteFrames(client: Client, sessionId: string, signal: AbortSignal) {
  const reply = await client.listImages({ query: { session_id: SessionId.parse(sessionId) } }, { signal });
  const frames = new Map<string, RemoteFrame>();
  for (const image of reply.body?.items ?? []) {
    if (image.superseded || image.status === 'expired') continue;
    frames.set(slotKey(image), {
      imageId: image.id,
      verdict: verdictOf(image),
      thumbUrl: image.thumb_urls?.[600] ?? null,
    });
  }
  return frames;
}
