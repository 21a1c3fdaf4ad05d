import { realpath } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { ApiError, type Client } from '@spinbay/client';
import { type Image, type ImageId, SessionId, type SessionMode, SiteId, type Slot } from '@spinbay/contracts';
import { v7 } from 'uuid';
import { CommandError } from '../terminal/command-error.ts';
import type { IngestState } from './ingest-state.ts';
import { type Plan, planFolder } from './read-folder.ts';
import { type Sent, sendFrame } from './send-frame.ts';
import { mayPass, tryOn } from './try-on.ts';

export interface IngestOptions {
  readonly folder: string;
  readonly stock: string;
  readonly vin?: string | undefined;
  readonly mode: SessionMode;
  readonly siteId?: string | undefined;
  readonly client: Client;
  readonly state: IngestState;
  readonly onProgress: (label: 'uploaded' | 'visible', done: number, total: number) => void;
}

export interface IngestedFrame {
  readonly file: string;
  readonly id: ImageId | null;
  readonly slot: Slot;
  readonly status: Image['status'] | 'not_sent';
  readonly qc: Image['qc'];
  /** Why it is not good, in words. */
  readonly reason: string | null;
}

export interface IngestResult {
  readonly sessionId: SessionId;
  readonly frames: readonly IngestedFrame[];
  readonly left: Plan['left'];
  /** Since the beginning of the run: until the last upload was acknowledged, and until every frame was seen as measured. */
  readonly seconds: { readonly uploaded: number; readonly visible: number };
}

const uploadsAtOnce = 4;
/** Nothing became visible for so long: then something is wrong beyond our reach. */
const patienceMs = 300_000;

/** Shoots a folder as one session: the same path that a phone takes. Run again, it goes on where it was. */
export async function ingestFolder(options: IngestOptions): Promise<IngestResult> {
  const { client, onProgress } = options;
  const plan = await planFolder(options.folder, options.mode);
  const began = Date.now();
  const sessionId = await openSession(options, plan);
  const total = plan.frames.length;
  const sent: Sent[] = [];
  let done = 0;
  onProgress('uploaded', 0, total);
  await inParallel(plan.frames, uploadsAtOnce, async (frame, index) => {
    sent[index] = await sendFrame(client, sessionId, frame);
    onProgress('uploaded', ++done, total);
  });
  const uploaded = (Date.now() - began) / 1000;
  const waiting = new Set(sent.flatMap((s) => (s.kind === 'refused' ? [] : [s.imageId])));
  const images = await awaitImages(client, sessionId, waiting, (seen) => onProgress('visible', seen, waiting.size));
  const visible = (Date.now() - began) / 1000;
  const frames = plan.frames.map((frame, index) => resultOf(frame, sent, index, images, plan));
  if (frames.every((frame) => frame.status === 'processed' || frame.status === 'published')) {
    await tryOn(() => client.updateSession({ params: { session_id: sessionId }, body: { status: 'completed' } }));
  }
  return { sessionId, frames, left: plan.left, seconds: { uploaded, visible } };
}

async function openSession(options: IngestOptions, plan: Plan): Promise<SessionId> {
  const { client, state, stock, vin, mode } = options;
  const siteId = await chooseSite(client, options.siteId);
  const key = [await realpath(options.folder), stock, vin ?? '', mode, siteId];
  const known = await state.session(key);
  if (known !== null) {
    const session = await tryOn(() => client.getSession({ params: { session_id: known } })).catch((error: unknown) => {
      if (error instanceof ApiError && error.code === 'session_not_found') return null;
      throw error;
    });
    if (session !== null) return known;
  }
  const id = SessionId.parse(v7());
  // Kept before it is asked for: a run that dies in between finds the same session again.
  await state.keepSession(key, id);
  await tryOn(() =>
    client.createSession({
      body: {
        id,
        site_id: siteId,
        vehicle: { stock, ...(vin === undefined ? {} : { vin }) },
        mode,
        shot_list: plan.shotList,
      },
    }),
  );
  return id;
}

async function chooseSite(client: Client, wanted: string | undefined): Promise<SiteId> {
  if (wanted !== undefined) {
    const parsed = SiteId.safeParse(wanted);
    if (!parsed.success) throw new CommandError(`--site ${wanted} is not an id (a UUID).`);
    return parsed.data;
  }
  const [first] = (await tryOn(() => client.listSites())).body.items;
  if (first === undefined) throw new CommandError('This organization has no site yet.');
  return first.id;
}

/** Polls until every frame is measured. @returns the images by id */
async function awaitImages(
  client: Client,
  sessionId: SessionId,
  waiting: ReadonlySet<ImageId>,
  onSeen: (seen: number) => void,
) {
  const images = new Map<ImageId, Image>();
  let etag: string | undefined;
  let seen = -1;
  let lastChange = Date.now();
  while (true) {
    try {
      const changed = await readImages(client, sessionId, etag);
      etag = changed?.etag ?? etag;
      for (const image of changed?.items ?? []) images.set(image.id, image);
    } catch (error) {
      // A server that is away for a moment is waited for like a worker that is busy.
      if (!mayPass(error)) throw error;
    }
    const ready = [...waiting].filter((id) => (images.get(id)?.status ?? 'pending') !== 'pending').length;
    if (ready !== seen) {
      seen = ready;
      lastChange = Date.now();
      onSeen(seen);
    }
    if (seen === waiting.size) return images;
    if (Date.now() - lastChange > patienceMs) {
      throw new CommandError(
        `${seen} of ${waiting.size} frames were measured, and no more for ${patienceMs / 60_000} minutes. They are uploaded and safe. Is the worker running? ("npx spinbay doctor")`,
      );
    }
    await sleep(500);
  }
}

/** All images of the session, or null when nothing changed since `etag`. */
async function readImages(client: Client, session_id: SessionId, etag: string | undefined) {
  const limit = 200;
  const query = { session_id, superseded: 'true', limit };
  const first = await client.listImages({ query }, etag === undefined ? {} : { headers: { 'if-none-match': etag } });
  if (first.body === null) return null;
  const items = [...first.body.items];
  while (items.length < first.body.total) {
    const more = await client.listImages({ query: { ...query, offset: items.length } });
    if (more.body === null || more.body.items.length === 0) break;
    items.push(...more.body.items);
  }
  return { etag: first.headers.etag, items };
}

function resultOf(
  frame: Plan['frames'][number],
  sent: readonly Sent[],
  index: number,
  images: ReadonlyMap<ImageId, Image>,
  plan: Plan,
): IngestedFrame {
  const own = sent[index];
  const { file, slot } = frame;
  if (own === undefined || own.kind === 'refused')
    return { file, id: null, slot, status: 'not_sent', qc: null, reason: own?.why ?? null };
  const twin = sent.findIndex((other) => other.kind !== 'refused' && other.imageId === own.imageId);
  if (twin < index) {
    return {
      file,
      id: null,
      slot,
      status: 'not_sent',
      qc: null,
      reason: `has the same bytes as ${plan.frames[twin]?.file}, which is one frame.`,
    };
  }
  const image = images.get(own.imageId);
  return {
    file,
    id: own.imageId,
    slot,
    status: image?.status ?? 'pending',
    qc: image?.qc ?? null,
    reason: image === undefined ? null : reasonOf(image),
  };
}

function reasonOf({ failure, qc }: Image): string | null {
  if (failure !== null) return failure.message;
  if (qc === null) return null;
  const reasons = [];
  if (qc.sharpness.status === 'fail') reasons.push('blurry');
  if (qc.exposure.status === 'fail')
    reasons.push(qc.exposure.clipped_white > qc.exposure.clipped_black ? 'overexposed' : 'underexposed');
  return reasons.length === 0 ? null : `${reasons.join(', ')}. Shoot it again.`;
}

async function inParallel<T>(
  items: readonly T[],
  width: number,
  work: (item: T, index: number) => Promise<void>,
): Promise<void> {
  const queue = items.entries();
  const lane = async () => {
    for (const [index, item] of queue) await work(item, index);
  };
  await Promise.all(Array.from({ length: width }, lane));
}
