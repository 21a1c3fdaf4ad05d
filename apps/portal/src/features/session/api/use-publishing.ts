import { type Client, ConnectionError } from '@spinbay/client';
import type { Image, ImageId, SessionId } from '@spinbay/contracts';
import { type QueryClient, useMutation, useMutationState, useQueryClient } from '@tanstack/react-query';
import { useCallback, useEffect, useMemo, useRef, useState } from 'react';
import { useApi, useReach } from '../../../api/api-context.tsx';
import { reviewTexts } from '../../../ui/review-texts.ts';
import { slotLabel } from '../frames.ts';
import { bulkWords, type Decision, replacesPublished } from '../publishing.ts';
import type { ImagesSnapshot } from './fetch-images.ts';
import { notifyOtherTabs } from './other-tabs.ts';

/** The last action, with the frames for which it can be undone. */
export interface Done {
  readonly text: string;
  readonly undo: readonly Image[];
}

export interface Publishing {
  /** Pending requests, in order. */
  readonly waiting: readonly Decision[];
  /** Why the requests failed, as texts: by frame, and under `all` for requests about all frames. */
  readonly faults: ReadonlyMap<ImageId | 'all', string>;
  readonly done: Done | null;
  readonly decide: (decision: Decision) => void;
  readonly undo: (done: Done) => void;
  readonly dismiss: () => void;
}

/**
 * Publishes and unpublishes the frames of a session. Callers apply `waiting` to show requested changes immediately. If the
 * server refuses or does not answer, the change is removed from `waiting` and a fault is added.
 */
export function usePublishing(sessionId: SessionId): Publishing {
  const { client } = useApi();
  const queries = useQueryClient();
  const [faults, setFaults] = useState<Publishing['faults']>(new Map());
  /** The keys of the faults that say that the server did not answer. */
  const unanswered = useRef(new Set<ImageId | 'all'>());
  const [done, setDone] = useState<Done | null>(null);
  /** The number of frames that the current undo has unpublished so far. */
  const undone = useRef(0);
  const mutationKey = useMemo(() => ['publishing', sessionId], [sessionId]);
  const setFault = (of: ImageId | 'all', words: string | null) => {
    unanswered.current.delete(of);
    setFaults((known) => {
      const next = new Map(known);
      if (words === null) next.delete(of);
      else next.set(of, words);
      return next;
    });
  };
  const reach = useReach();
  useEffect(() => {
    const over = [...unanswered.current];
    if (reach !== 'reached' || over.length === 0) return;
    unanswered.current.clear();
    // The server answers again: failed changes are reported once, without the outdated cause.
    setFaults((known) => new Map([...known].filter(([of]) => !over.includes(of))));
    setDone({ text: reviewTexts.publish.notDoneMeanwhile, undo: [] });
  }, [reach]);

  const { mutate } = useMutation({
    mutationKey,
    // One request after the other, so that the last one wins.
    scope: { id: mutationKey.join(' ') },
    mutationFn: (decision: Decision) => send(client, sessionId, decision),
    onMutate: (decision) => setFault(targetOf(decision), null),
    onSuccess: async ({ items, words }, decision) => {
      const known = queries.getQueryData<ImagesSnapshot>(['images', sessionId])?.items ?? [];
      const replacing = new Set(known.filter(replacesPublished).map(({ id }) => id));
      await writeToCache(queries, sessionId, items);
      // The reply does not contain the frames that the published ones replaced.
      if (items.some(({ id }) => replacing.has(id)))
        void queries.invalidateQueries({ queryKey: ['images', sessionId] });
      if (decision.kind === 'unpublish') undone.current += items.length;
      // A replacement has no undo: it would leave the slot without a published frame. A reviewer can publish the other frame
      // again.
      else {
        const undo = decision.kind === 'unpublish_all' ? [] : items.filter(({ id }) => !replacing.has(id));
        setDone({ text: words, undo });
      }
      notifyOtherTabs(sessionId);
    },
    onError: (error, decision) => {
      setFault(targetOf(decision), faultOf(error, decision));
      if (error instanceof ConnectionError) unanswered.current.add(targetOf(decision));
      // Perhaps it succeeded and only the reply was lost.
      void queries.invalidateQueries({ queryKey: ['images', sessionId] });
    },
    onSettled: (reply, _, decision) => {
      if (decision.kind !== 'unpublish' || decision.more) return;
      const { current: count } = undone;
      undone.current = 0;
      if (count > 1) setDone({ text: reviewTexts.publish.allUndone(count, 0), undo: [] });
      else if (reply) setDone({ text: reply.words, undo: [] });
    },
  });
  const waiting = useMutationState({
    filters: { mutationKey, status: 'pending' },
    select: (mutation) => mutation.state.variables as Decision,
  });
  const decide = useCallback((decision: Decision) => mutate(decision), [mutate]);
  const undo = useCallback(
    ({ undo: images }: Done) => {
      setDone(null);
      for (const image of images) mutate({ kind: 'unpublish', image, more: image !== images.at(-1) });
    },
    [mutate],
  );
  const dismiss = useCallback(() => setDone(null), []);
  return { waiting, faults, done, decide, undo, dismiss };
}

async function send(
  client: Client,
  sessionId: SessionId,
  decision: Decision,
): Promise<{ items: readonly Image[]; words: string }> {
  const { publish } = reviewTexts;
  if (decision.kind === 'all') {
    const { body } = await client.publishSession({
      params: { session_id: sessionId },
      body: { warned: decision.warned },
    });
    return { items: body.items, words: bulkWords(body.published.length, body.left) };
  }
  if (decision.kind === 'unpublish_all') {
    const { body } = await client.unpublishSession({ params: { session_id: sessionId } });
    return { items: body.items, words: publish.allUndone(body.unpublished.length, body.still_published) };
  }
  const params = { image_id: decision.image.id };
  const label = slotLabel(decision.image);
  if (decision.kind === 'unpublish') {
    const { body } = await client.unpublishImage({ params });
    return { items: [body], words: publish.undone(label) };
  }
  const { body } = await client.publishImage({
    params,
    body: { override: decision.override, preview: decision.preview },
  });
  return { items: [body], words: replacesPublished(decision.image) ? publish.replaced(label) : publish.done(label) };
}

/** Writes the server's reply into the cache. First cancels polls in progress, whose replies would restore the old state. */
async function writeToCache(queries: QueryClient, sessionId: SessionId, items: readonly Image[]): Promise<void> {
  const queryKey = ['images', sessionId];
  const changed = new Map(items.map((image) => [image.id, image]));
  const renew = (image: Image) => changed.get(image.id) ?? image;
  await queries.cancelQueries({ queryKey });
  const updatedAt = queries.getQueryState(queryKey)?.dataUpdatedAt;
  queries.setQueryData<ImagesSnapshot>(
    queryKey,
    (known) =>
      known && {
        ...known,
        pages: known.pages.map((page) => ({ ...page, items: page.items.map(renew) })),
        items: known.items.map(renew),
      },
    updatedAt === undefined ? {} : { updatedAt },
  );
  // The findings about the spin depend on its frames.
  void queries.invalidateQueries({ queryKey: ['session', sessionId] });
  void queries.invalidateQueries({ queryKey: ['sessions'] });
}

function targetOf(decision: Decision): ImageId | 'all' {
  return 'image' in decision ? decision.image.id : 'all';
}

function faultOf(error: unknown, { kind }: Decision): string {
  const { publish } = reviewTexts;
  const why =
    error instanceof ConnectionError ? publish.unreachable : error instanceof Error ? error.message : String(error);
  const words = {
    publish: publish.failed,
    unpublish: publish.undoFailed,
    all: publish.allFailed,
    unpublish_all: publish.allUndoFailed,
  };
  return words[kind](why);
}
