import { setTimeout as sleep } from 'node:timers/promises';
import { ImageId, type Slot, slotKey } from '@spinbay/contracts';
import type { LocalPhoto } from '@spinbay/outbox';
import type { FileOutbox } from '@spinbay/outbox/node';
import { awaitImages, finalStatus } from '../ingest/await-images.ts';
import { completeIfGood, type IngestedFrame, type IngestResult } from '../ingest/ingest-folder.ts';
import type { PhotoFile } from '../ingest/list-folder.ts';
import type { SessionOptions } from '../ingest/open-session.ts';
import { readPhoto } from '../ingest/read-photo.ts';
import { readThresholds } from '../ingest/read-thresholds.ts';
import { addPhoto, imageIdOf, openSessionOutbox } from '../ingest/send-photos.ts';
import { watchFolder } from './watch-folder.ts';
import { openWatchedSession, type WatchedSession } from './watch-session.ts';

export interface WatchOptions extends SessionOptions {
  readonly sessionId: string | undefined;
  /** Commands of the person at the camera: `done` ends the session, `stop` leaves it open. */
  readonly commands: AsyncIterable<'undo' | 'done' | 'stop'>;
  readonly onChange: (view: WatchView) => void;
}

export interface WatchView {
  readonly session_id: string;
  readonly rows: readonly WatchRow[];
  readonly open: number;
  readonly total: number;
}

interface WatchRow {
  readonly file: string;
  readonly slot: string;
  /** Text for the table. */
  readonly state: string;
}

/** A photo from the folder. `id` is null if it was not sent; `why` is the reason. */
interface Taken {
  readonly photo: PhotoFile;
  readonly slot: Slot | null;
  readonly id: string | null;
  readonly why: string | null;
}

/** Uploads photos as a camera program writes them, until a command ends it. */
export async function runWatch(options: WatchOptions): Promise<IngestResult> {
  const { client, state, folder, onChange } = options;
  const began = Date.now();
  const watched = await openWatchedSession(options, options.sessionId);
  const { session, assignments, ignored } = watched;
  const outbox = await openSessionOutbox(client, state.outboxFolder(session.id), session);
  const taken = new Map<string, Taken>();
  const show = () => onChange(viewOf(session.id, watched, taken, outbox));
  const unsubscribe = outbox.subscribe(show);
  const controller = new AbortController();
  const oneAtATime = createMutex();
  try {
    for (const photo of localPhotos(outbox)) assignments.use(photo, 'sent before');
    show();
    const watching = (async () => {
      for await (const photo of watchFolder(folder, ignored, controller.signal)) {
        await oneAtATime(async () => taken.set(photo.file, await take(photo, options, watched, outbox)));
        show();
      }
    })();
    // If the folder becomes unreadable, end the command, not only the watching.
    const end = await Promise.race([
      runCommands(options.commands, () => oneAtATime(() => undo(watched, taken, outbox)).then(show)),
      watching.then(() => 'stop' as const),
    ]);
    controller.abort();
    await watching;
    return await finish(options, watched, taken, outbox, { began, isDone: end === 'done' });
  } finally {
    controller.abort();
    unsubscribe();
    await outbox.stop();
  }
}

/** Runs functions one after the other, so that an undo finds the photo that was being added. */
function createMutex(): <T>(work: () => Promise<T>) => Promise<T> {
  let last: Promise<unknown> = Promise.resolve();
  return (work) => {
    const result = last.then(work);
    last = result.catch(() => undefined);
    return result;
  };
}

async function runCommands(
  commands: WatchOptions['commands'],
  undoLast: () => Promise<void>,
): Promise<'done' | 'stop'> {
  for await (const command of commands) {
    if (command !== 'undo') return command;
    await undoLast();
  }
  return 'stop';
}

async function take(
  photo: PhotoFile,
  { withPreviews }: WatchOptions,
  { session, assignments }: WatchedSession,
  outbox: FileOutbox,
): Promise<Taken> {
  const facts = await readPhoto(photo.path);
  if ('refused' in facts) return { photo, slot: null, id: null, why: facts.refused };
  const id = imageIdOf(session.id, facts.sha256);
  const known = localPhotos(outbox).find(({ image_id }) => image_id === id);
  const slot = known ?? assignments.take(photo.file);
  if (slot === null)
    return {
      photo,
      slot,
      id: null,
      why: 'has no slot: all slots have a photo. Undo the last one, or start another session.',
    };
  const { angle_deg, shot_name } = slot;
  const toSend = { ...photo, ...facts, slot: { angle_deg, shot_name }, capturedBy: 'camera' } as const;
  await addPhoto(outbox, session.id, toSend, withPreviews);
  return { photo, slot: { angle_deg, shot_name }, id, why: null };
}

/** Removes the last photo if the server does not know it. Otherwise the next photo replaces it. */
async function undo(
  { assignments, ignore }: WatchedSession,
  taken: Map<string, Taken>,
  outbox: FileOutbox,
): Promise<void> {
  const last = assignments.undo();
  const entry = last && taken.get(last.file);
  if (entry == null || entry.id === null) return;
  await ignore(entry.photo.file, entry.photo.path);
  const outcome = await outbox.removePhoto(entry.id);
  const why = outcome === 'removed' ? 'was undone.' : 'was undone after it was sent: the next photo replaces it.';
  taken.set(entry.photo.file, { ...entry, id: outcome === 'removed' ? null : entry.id, why });
}

function viewOf(
  session_id: string,
  { assignments }: WatchedSession,
  taken: ReadonlyMap<string, Taken>,
  outbox: FileOutbox,
): WatchView {
  const uploads = new Map(localPhotos(outbox).map(({ image_id, upload }) => [image_id, upload]));
  const rows = [...taken.values()].map(({ photo, slot, id, why }) => ({
    file: photo.file,
    slot: slot === null ? '' : slotKey(slot),
    state: why ?? stateWords(uploads.get(id ?? '')),
  }));
  return { session_id, rows, open: assignments.open, total: assignments.total };
}

function stateWords(upload: LocalPhoto['upload'] | undefined): string {
  switch (upload?.state) {
    case 'waiting':
      return upload.problem === undefined ? 'waiting' : `waiting: ${upload.problem}`;
    case 'sending':
      return `sending ${Math.round((100 * upload.sent_bytes) / Math.max(1, upload.total_bytes))} %`;
    case 'processed':
      return upload.verdict ?? 'processed';
    case 'stuck':
      return `stuck: ${upload.detail ?? upload.reason}`;
    default:
      return upload?.state ?? '';
  }
}

function localPhotos(outbox: FileOutbox): readonly LocalPhoto[] {
  return outbox.state().sessions.flatMap(({ photos }) => photos);
}

/** After `done`, waits until the photos in transit have arrived and are measured. After `stop`, reports the state now. */
async function finish(
  { client }: WatchOptions,
  { session }: WatchedSession,
  taken: ReadonlyMap<string, Taken>,
  outbox: FileOutbox,
  { began, isDone }: { began: number; isDone: boolean },
): Promise<IngestResult> {
  const isInTransit = ({ upload: { state } }: LocalPhoto) => state === 'waiting' || state === 'sending';
  while (isDone && localPhotos(outbox).some(isInTransit) && !outbox.state().signedOut) await sleep(200);
  const uploaded = (Date.now() - began) / 1000;
  const entries = [...taken.values()].filter(({ id, why }) => id !== null || !why?.startsWith('was undone'));
  const uploads = new Map(localPhotos(outbox).map((photo) => [photo.image_id, photo.upload]));
  const arrived = entries.flatMap(({ id }) =>
    ['uploaded', 'processed'].includes(uploads.get(id ?? '')?.state ?? '') ? [ImageId.parse(id)] : [],
  );
  const images = await awaitImages(client, session.id, new Set(isDone ? arrived : []), () => undefined);
  const frames = entries.map(({ photo, slot, id, why }): IngestedFrame => {
    const image = id === null ? null : (images.get(ImageId.parse(id)) ?? null);
    const own = slot ?? { angle_deg: null, shot_name: null };
    const upload = uploads.get(id ?? '');
    const isThere = image !== null && (upload?.state === 'uploaded' || upload?.state === 'processed');
    return {
      ...{ file: photo.file, id: isThere ? image.id : null, slot: own, image: isThere ? image : null },
      status: isThere ? finalStatus(image) : 'not_sent',
      refused: isThere ? null : (why ?? stateWords(upload)),
    };
  });
  const settled = isDone ? await completeIfGood(client, session.id, frames, []) : session;
  return {
    session: settled,
    frames,
    leftOut: [],
    notInFolder: [...images.values()].filter((image) => !frames.some(({ id }) => id === image.id) && !image.superseded),
    spinQc: settled.spin_qc,
    thresholds: isDone ? await readThresholds(client) : null,
    seconds: { uploaded, visible: (Date.now() - began) / 1000 },
  };
}
