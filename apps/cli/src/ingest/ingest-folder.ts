import { ApiError, type Client } from '@spinbay/client';
import type {
  CapturedBy,
  Image,
  ImageId,
  QcThresholds,
  Session,
  SessionId,
  ShotList,
  Slot,
  SpinQc,
} from '@spinbay/contracts';
import { CommandError } from '../terminal/command-error.ts';
import { printable } from '../terminal/print.ts';
import { awaitImages, finalStatus } from './await-images.ts';
import { type Change, fitSession } from './fit-session.ts';
import { type LeftOut, listFolder, type PhotoFile } from './list-folder.ts';
import {
  type EarlierSession,
  endSession,
  findEarlierSession,
  newSessionId,
  type SessionOptions,
  startSession,
  stateKey,
} from './open-session.ts';
import { type PlannedSlot, planSlots } from './plan-slots.ts';
import { capturedByOf, type PhotoFacts, readPhoto } from './read-photo.ts';
import { readThresholds } from './read-thresholds.ts';
import { retry } from './retry.ts';
import { openSessionOutbox, type PhotoToSend, type Sent, sendPhotos } from './send-photos.ts';

export interface FolderChange {
  readonly sessionId: SessionId;
  readonly changes: readonly Change[];
  /** The slots of the new photos if the others keep theirs. Null: the photo is left out. */
  readonly kept: readonly { readonly file: string; readonly slot: Slot | null }[];
}

type ProgressLabel = 'visible as a preview' | 'uploaded' | 'visible';

export interface IngestOptions extends SessionOptions {
  /**
   * Called if the folder no longer fits its session. `keep`: sent photos keep their slots. `reassign`: a new session is
   * started.
   */
  readonly onChanged: (change: FolderChange) => Promise<'keep' | 'reassign'>;
  readonly onProgress: (label: ProgressLabel, done: number, total: number) => void;
}

/** A photo of the folder, with its slot and status on the server. */
export interface IngestedFrame {
  readonly file: string;
  readonly id: ImageId | null;
  readonly slot: Slot;
  readonly status: Image['status'] | 'not_sent';
  readonly image: Image | null;
  /** The reason why it was not sent. */
  readonly refused: string | null;
}

export interface IngestResult {
  readonly session: Session;
  readonly frames: readonly IngestedFrame[];
  readonly leftOut: readonly LeftOut[];
  /** Frames of the session whose photo is not in the folder. */
  readonly notInFolder: readonly Image[];
  readonly spinQc: SpinQc | null;
  /** The thresholds that judged the frames. Null: an older server does not have the route. */
  readonly thresholds: QcThresholds | null;
  /**
   * From the start of the run (for a whole folder: after it was read) until the last upload was acknowledged, and until
   * every frame was measured.
   */
  readonly seconds: { readonly uploaded: number; readonly visible: number };
}

interface Photo extends PlannedSlot, PhotoFile {
  readonly facts: PhotoFacts;
  /** An earlier photo of the folder with the same bytes. */
  readonly duplicateOf: string | null;
}

/** Uploads a folder as one session, in the same way as a phone. A second run continues the first. */
export async function ingestFolder(options: IngestOptions): Promise<IngestResult> {
  const { client, state, withPreviews, onProgress } = options;
  const { photos, leftOut, shotList } = await readFolder(options);
  const began = Date.now();
  const { sessionId, slots, began: firstRun } = await openSession(options, photos, shotList);
  const times = photos.flatMap(({ facts }) => ('refused' in facts ? [] : (facts.capturedAt ?? [])));
  const capturedBy = capturedByOf(times, firstRun);
  const prepared = photos.map((photo, k) => prepare(photo, slots[k] ?? null, capturedBy));
  const toSend = prepared.flatMap((each) => ('refused' in each ? [] : [each]));
  const notSent = photos.length - toSend.length;
  const opened = (await retry(() => client.getSession({ params: { session_id: sessionId } }))).body;
  const outbox = await openSessionOutbox(client, state.outboxFolder(sessionId), opened);
  const deliver = async () => {
    let inPreviews = withPreviews;
    const outcomes = await sendPhotos(outbox, sessionId, toSend, {
      withPreviews,
      onProgress: (settled, visible) => {
        inPreviews &&= settled === 0 && visible < toSend.length;
        if (inPreviews) onProgress('visible as a preview', visible, toSend.length);
        else onProgress('uploaded', notSent + settled, photos.length);
      },
    });
    const uploaded = (Date.now() - began) / 1000;
    const waiting = new Set(outcomes.flatMap((each) => (each.kind === 'refused' ? [] : [each.imageId])));
    const images = await awaitImages(client, sessionId, waiting, (seen) => onProgress('visible', seen, waiting.size));
    return { outcomes, uploaded, waiting, images };
  };
  // The outbox runs until every frame is visible, so that it sends lost photos again.
  const { outcomes, uploaded, waiting, images } = await deliver().finally(() => outbox.stop());
  const sent = prepared.map(
    (each): Sent => ('refused' in each ? { kind: 'refused', why: each.refused } : (outcomes.shift() ?? notSentYet)),
  );
  const visible = (Date.now() - began) / 1000;
  const frames = photos.map((photo, k) => frameOf(photo, slots[k] ?? photo.slot, sent[k], images));
  const session = await completeIfGood(client, sessionId, frames, leftOut);
  return {
    session,
    frames,
    leftOut,
    notInFolder: [...images.values()].filter((image) => !waiting.has(image.id) && !image.superseded),
    spinQc: session.spin_qc,
    thresholds: await readThresholds(client),
    seconds: { uploaded, visible },
  };
}

async function readFolder({ folder, mode }: IngestOptions) {
  const { photos: files, leftOut } = await listFolder(folder);
  if (files.length === 0) {
    const rest = leftOut.map(({ file, why }) => `\n  ${printable(file)} ${why}`).join('');
    throw new CommandError(`${printable(folder)} has no .jpg, .jpeg or .heic files.${rest}`);
  }
  const { slots, shotList } = planSlots(
    files.map(({ file }) => file),
    mode,
  );
  const seen = new Map<string, string>();
  const photos: Photo[] = [];
  for (const [k, file] of files.entries()) {
    const facts = await readPhoto(file.path);
    const slot = slots[k];
    if (slot === undefined) continue;
    const digest = 'refused' in facts ? null : facts.sha256;
    const duplicateOf = digest === null ? null : (seen.get(digest) ?? null);
    if (digest !== null && duplicateOf === null) seen.set(digest, file.file);
    photos.push({ ...file, ...slot, facts, duplicateOf });
  }
  return { photos, leftOut, shotList };
}

/** The session to send to, with the slot of each photo. Stores the plan before anything is sent. */
async function openSession(options: IngestOptions, photos: readonly Photo[], shotList: ShotList) {
  const { client, state } = options;
  const { key, siteId } = await stateKey(options);
  const earlier = await findEarlierSession(options, key);
  const fitted = earlier && (await fit(options, photos, earlier));
  const sessionId = fitted ? earlier.session.id : newSessionId();
  const began = fitted && earlier.known.began > 0 ? earlier.known.began : Date.now();
  const slots = fitted ?? photos.map(({ slot, duplicateOf }) => (duplicateOf === null ? slot : null));
  const planned = photos.flatMap(({ facts }, k) => {
    const slot = slots[k];
    return 'refused' in facts || slot == null ? [] : [[facts.sha256, slot] as const];
  });
  await state.storeSession(key, {
    session_id: sessionId,
    began,
    slots: { ...(fitted ? earlier.known.slots : {}), ...Object.fromEntries(planned) },
  });
  if (!fitted) {
    await startSession(options, { siteId, shotList, id: sessionId });
    if (earlier !== null) await endSession(client, earlier);
  }
  return { sessionId, slots, began };
}

/** @returns the slots of the photos in the earlier session; null to start a new one */
async function fit(options: IngestOptions, photos: readonly Photo[], { session, images, known }: EarlierSession) {
  const slots = new Map<string, Slot>(Object.entries(known.slots));
  for (const { hash_sha256: digest, angle_deg, shot_name } of images)
    if (digest !== null) slots.set(digest, { angle_deg, shot_name });
  const own = photos.filter(({ duplicateOf }) => duplicateOf === null);
  const { changes, kept } = fitSession(
    own.map((photo) => ({ ...photo, sha256: 'refused' in photo.facts ? null : photo.facts.sha256 })),
    session.shot_list,
    slots,
  );
  if (changes.length > 0) {
    const fresh = new Set(changes.filter(({ isNew }) => isNew).map(({ file }) => file));
    const keptOf = own.flatMap(({ file }, k) => (fresh.has(file) ? [{ file, slot: kept[k] ?? null }] : []));
    if ((await options.onChanged({ sessionId: session.id, changes, kept: keptOf })) === 'reassign') return null;
  }
  const byFile = new Map(own.map(({ file }, k) => [file, kept[k] ?? null]));
  return photos.map(({ file }) => byFile.get(file) ?? null);
}

const notSentYet: Sent = { kind: 'refused', why: 'was not sent.' };

function prepare(
  { facts, duplicateOf, ...photo }: Photo,
  slot: Slot | null,
  capturedBy: CapturedBy,
): PhotoToSend | { readonly refused: string } {
  if ('refused' in facts) return facts;
  if (duplicateOf !== null) return { refused: `has the same bytes as ${duplicateOf}. Both are one frame.` };
  if (slot === null)
    return { refused: 'has no slot in this session. Run the command with --reassign to start a new one.' };
  return { ...photo, ...facts, slot, capturedBy };
}

function frameOf(
  { file }: Photo,
  planned: Slot,
  sent: Sent | undefined,
  images: ReadonlyMap<ImageId, Image>,
): IngestedFrame {
  if (sent === undefined || sent.kind === 'refused')
    return { file, id: null, slot: planned, status: 'not_sent', image: null, refused: sent?.why ?? null };
  const image = images.get(sent.imageId) ?? null;
  const slot = image === null ? sent.slot : { angle_deg: image.angle_deg, shot_name: image.shot_name };
  return { file, id: sent.imageId, slot, status: finalStatus(image), image, refused: null };
}

/** Whether the original has arrived and its verdict is final. */
export function isDelivered({ status }: IngestedFrame): boolean {
  return status !== 'not_sent' && status !== 'pending' && status !== 'expired';
}

export function isGood(frame: IngestedFrame): boolean {
  return frame.status === 'processed' || frame.status === 'published';
}

/** Completes the session if every photo of the folder is in it and good. */
export async function completeIfGood(
  client: Client,
  session_id: SessionId,
  frames: readonly IngestedFrame[],
  leftOut: readonly LeftOut[],
): Promise<Session> {
  const params = { session_id };
  const isDone = frames.every(isGood) && !leftOut.some(({ isPicture }) => isPicture);
  if (isDone) {
    try {
      return (await retry(() => client.updateSession({ params, body: { status: 'completed' } }))).body;
    } catch (error) {
      // Somebody has abandoned the session in the meantime. Respect that.
      if (!(error instanceof ApiError) || error.code !== 'session_state_conflict') throw error;
    }
  }
  return (await retry(() => client.getSession({ params }))).body;
}
