import { realpath } from 'node:fs/promises';
import { ApiError, type Client } from '@spinbay/client';
import { type Image, type Session, SessionId, type SessionMode, type ShotList, SiteId } from '@spinbay/contracts';
import { v7 } from 'uuid';
import { CommandError } from '../terminal/command-error.ts';
import { listAllImages } from './await-images.ts';
import type { IngestState, KnownSession } from './ingest-state.ts';
import { retry } from './retry.ts';

export interface SessionOptions {
  readonly folder: string;
  readonly stock: string;
  readonly vin?: string | undefined;
  readonly mode: SessionMode;
  readonly siteId?: string | undefined;
  readonly client: Client;
  readonly state: IngestState;
  /** Whether a small preview of each photo is sent first, for a link that may be slow. */
  readonly withPreviews: boolean;
}

/** The session that an earlier run created from this folder, as the server has it. */
export interface EarlierSession {
  readonly session: Session;
  readonly images: readonly Image[];
  readonly known: KnownSession;
}

/** The key under which the state stores the session of a folder: folder, vehicle, mode and site. */
export async function stateKey(options: SessionOptions): Promise<{ key: string[]; siteId: SiteId }> {
  const siteId = await chooseSite(options.client, options.siteId);
  return { key: [await realpath(options.folder), options.stock, options.vin ?? '', options.mode, siteId], siteId };
}

async function chooseSite(client: Client, wanted: string | undefined): Promise<SiteId> {
  if (wanted !== undefined) {
    const parsed = SiteId.safeParse(wanted);
    if (!parsed.success) throw new CommandError(`--site ${wanted} is not an id (a UUID).`);
    return parsed.data;
  }
  const [first] = (await retry(() => client.listSites())).body.items;
  if (first === undefined) throw new CommandError('This organization has no site yet.');
  return first.id;
}

export async function findEarlierSession(
  { client, state }: SessionOptions,
  key: readonly string[],
): Promise<EarlierSession | null> {
  const known = await state.session(key);
  if (known === null) return null;
  const found = await retry(() => client.getSession({ params: { session_id: known.session_id } })).catch(
    (error: unknown) => {
      if (error instanceof ApiError && error.code === 'session_not_found') return null;
      throw error;
    },
  );
  return found && { known, session: found.body, images: await listAllImages(client, known.session_id) };
}

export async function startSession(
  { client, stock, vin, mode }: SessionOptions,
  { siteId, shotList, id }: { siteId: SiteId; shotList: ShotList; id: SessionId },
): Promise<void> {
  await retry(() =>
    client.createSession({
      body: {
        id,
        site_id: siteId,
        vehicle: { stock, ...(vin === undefined ? {} : { vin }) },
        mode,
        shot_list: shotList,
      },
    }),
  );
}

export function newSessionId(): SessionId {
  return SessionId.parse(v7());
}

/** Abandons a session that another one replaces, unless it has published frames. A reviewer decides about those. */
export async function endSession(client: Client, { session, images }: EarlierSession): Promise<void> {
  if (session.status === 'abandoned' || images.some((image) => image.status === 'published')) return;
  const change = (status: 'active' | 'abandoned') =>
    retry(() => client.updateSession({ params: { session_id: session.id }, body: { status } }));
  if (session.status === 'completed') await change('active');
  await change('abandoned');
}
