import type { Client } from '@spinbay/client';
import { SessionId, slotKey, type Verdict, verdictOf } from '@spinbay/contracts';
import { useEffect, useState } from 'react';
import { usePlatform } from '../../platform/platform.tsx';

/** A frame that the server has. */
export interface RemoteFrame {
  readonly imageId: string;
  readonly verdict: Verdict | null;
  readonly thumbUrl: string | null;
}

const none: ReadonlyMap<string, RemoteFrame> = new Map();

/** The server's frames of a session, by slot. Empty until the server has answered. */
export function useRemoteFrames(
  client: Client,
  sessionId: string,
  announced: boolean,
): ReadonlyMap<string, RemoteFrame> {
  const { onNetwork } = usePlatform();
  const [frames, setFrames] = useState(none);
  useEffect(
    () => (announced ? watchRemoteFrames(client, sessionId, onNetwork, setFrames) : undefined),
    [client, sessionId, announced, onNetwork],
  );
  return frames;
}

/** Loads the frames now, and again when the network changes. @returns a function that ends this */
export function watchRemoteFrames(
  client: Pick<Client, 'listImages'>,
  sessionId: string,
  onNetwork: (listener: () => void) => () => void,
  show: (frames: ReadonlyMap<string, RemoteFrame>) => void,
): () => void {
  const leaving = new AbortController();
  const load = () => {
    fetchRemoteFrames(client, sessionId, leaving.signal)
      .then((frames) => {
        if (!leaving.signal.aborted) show(frames);
      })
      // The frames on this device, and those of an earlier load, are still shown.
      .catch(() => undefined);
  };
  load();
  const stopListening = onNetwork(load);
  return () => {
    stopListening();
    leaving.abort();
  };
}

async function fetchRemoteFrames(client: Pick<Client, 'listImages'>, sessionId: string, signal: AbortSignal) {
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
