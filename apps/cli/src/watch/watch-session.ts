import { realpath } from 'node:fs/promises';
import { ApiError, type Client } from '@spinbay/client';
import { defaultShotList, type Session, SessionId, type Slot } from '@spinbay/contracts';
import { listAllImages } from '../ingest/await-images.ts';
import { listFolder } from '../ingest/list-folder.ts';
import { newSessionId, type SessionOptions, startSession, stateKey } from '../ingest/open-session.ts';
import { retry } from '../ingest/retry.ts';
import { CommandError } from '../terminal/command-error.ts';
import { SlotAssignments } from './slot-assignments.ts';
import { fingerprintOf } from './watch-folder.ts';

export interface WatchedSession {
  readonly session: Session;
  readonly assignments: SlotAssignments;
  /** The fingerprints of ignored files, by name. */
  readonly ignored: ReadonlyMap<string, string>;
  /** Ignores a file from now on, also in later runs. */
  ignore(file: string, path: string): Promise<void>;
}

/** The session of `--session`, or that of an earlier run for this folder and vehicle, or a new one. */
export async function openWatchedSession(options: SessionOptions, named: string | undefined): Promise<WatchedSession> {
  const { client, state, folder } = options;
  const session = named === undefined ? await ownSession(options) : await namedSession(client, named);
  const key = [await realpath(folder), 'watch', session.id];
  const known = await state.session(key);
  const ignored = new Map(Object.entries(known?.ignored ?? (await fingerprintsIn(folder))));
  const keep = () =>
    state.storeSession(key, { session_id: session.id, began: 0, slots: {}, ignored: Object.fromEntries(ignored) });
  if (known === null) await keep();
  const assignments = new SlotAssignments(session.shot_list);
  for (const { angle_deg, shot_name, status } of await listAllImages(client, session.id)) {
    const slot: Slot = { angle_deg, shot_name };
    if (status !== 'expired') assignments.use(slot, 'sent before');
  }
  const ignore = async (file: string, path: string) => {
    const fingerprint = await fingerprintOf(path);
    if (fingerprint !== null) ignored.set(file, fingerprint);
    await keep();
  };
  return { session, assignments, ignored, ignore };
}

async function namedSession(client: Client, named: string): Promise<Session> {
  const id = SessionId.safeParse(named);
  if (!id.success) throw new CommandError(`--session ${named} is not an id (a UUID).`);
  const session = await find(client, id.data);
  if (session === null) throw new CommandError(`There is no session ${named}, or you may not see it.`);
  if (session.status !== 'active') throw new CommandError(`Session ${named} is ${session.status}. Reopen it first.`);
  return session;
}

async function ownSession(options: SessionOptions): Promise<Session> {
  const { client, state, mode } = options;
  const { key, siteId } = await stateKey(options);
  const known = await state.session([...key, 'watch']);
  const earlier = known && (await find(client, known.session_id));
  if (earlier?.status === 'active') return earlier;
  const id = newSessionId();
  await state.storeSession([...key, 'watch'], { session_id: id, began: Date.now(), slots: {} });
  await startSession(options, { siteId, shotList: defaultShotList(mode), id });
  return (await retry(() => client.getSession({ params: { session_id: id } }))).body;
}

async function find(client: Client, session_id: SessionId): Promise<Session | null> {
  try {
    return (await retry(() => client.getSession({ params: { session_id } }))).body;
  } catch (error) {
    if (error instanceof ApiError && error.code === 'session_not_found') return null;
    throw error;
  }
}

/** The fingerprints of the photos that are in the folder already, by name. They belong to another shoot. */
async function fingerprintsIn(folder: string): Promise<Record<string, string>> {
  const { photos } = await listFolder(folder);
  const found = await Promise.all(photos.map(async ({ file, path }) => [file, await fingerprintOf(path)] as const));
  return Object.fromEntries(
    found.flatMap(([file, fingerprint]) => (fingerprint === null ? [] : [[file, fingerprint]])),
  );
}
