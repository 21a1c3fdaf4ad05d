import { join } from 'node:path';
import { createClient } from '@spinbay/client';
import { SessionId } from '@spinbay/contracts';
import type { Objects } from '@spinbay/objects';
import pg from 'pg';
import { makePlace, type Place, spinbay, start } from '../e2e/support/installation.ts';
import { sampleSpin } from '../e2e/support/sample-spin.ts';

export interface SentSpin {
  /** The states of its frames. */
  readonly states: readonly string[];
  /** From the start of the ingest. */
  readonly seconds: { readonly uploaded: number; readonly visible: number };
  /** Thumbnails and originals that were read by their signed URLs. */
  readonly pictures: number;
  /** Uploads that the reconciler had to find, because their confirmation was lost. */
  readonly requeues: number;
}

/**
 * Starts an installation whose photos are in the object store of these settings, with the local queue. Sends a spin of 24
 * frames through it, reads all pictures as a reviewer, erases the session, and waits until `objects`, the same store, has
 * none of it.
 */
export async function sendSpin(
  settings: Readonly<Record<string, string | undefined>>,
  objects: Pick<Objects, 'list'>,
): Promise<SentSpin> {
  const made = await makePlace();
  const unset = { DATABASE_URL: '', SQS_ENDPOINT: '', SQS_QUEUE_URL: '', SPINBAY_DEMO: 'on', ERASE_UNDO_MINUTES: '0' };
  const place = { ...made, env: { ...made.env, ...unset, ...settings } };
  const installation = await start(place);
  try {
    await run(place, 'doctor');
    const spin = join(place.dataDir, '..', 'spin');
    await sampleSpin(spin);
    const { session_id, images, seconds } = JSON.parse(
      await run(place, 'ingest', spin, '--stock', 'OTHER-STORE', '--json'),
    ) as { session_id: string; images: { status: string }[]; seconds: SentSpin['seconds'] };
    const pictures = await readPictures(place, installation.endpoints.api, SessionId.parse(session_id));
    const requeues = await countRequeues(installation.endpoints);
    await run(place, 'erase', 'session', session_id, '--yes');
    const prefix = `org/${installation.endpoints.demo.org_id}/`;
    await waitUntil(async () => (await objects.list(prefix)).length === 0);
    return { states: images.map(({ status }) => status), seconds, pictures, requeues };
  } finally {
    await installation.stop();
    await place.remove();
  }
}

async function run(place: Place, ...args: string[]): Promise<string> {
  const { status, stdout, stderr } = await spinbay(place, ...args);
  if (status !== 0) throw new Error(`spinbay ${args[0]} ended with status ${status}:\n${stderr}${stdout}`);
  return stdout;
}

/** Reads every thumbnail and original. @returns their number */
async function readPictures(place: Place, api: string, session_id: SessionId): Promise<number> {
  const token = (await run(place, 'token', '--user', 'reviewer@demo.test')).trim();
  const client = createClient({ baseUrl: api, token: () => token });
  const { body } = await client.listImages({ query: { session_id } });
  const urls: string[] = [];
  for (const { id, thumb_urls } of body?.items ?? []) {
    const original = await client.getOriginal({ params: { image_id: id } });
    urls.push(...Object.values(thumb_urls ?? {}), original.body.url);
  }
  for (const url of urls) {
    const reply = await fetch(url);
    const bytes = Buffer.from(await reply.arrayBuffer());
    if (!reply.ok || bytes.readUInt16BE(0) !== 0xffd8) throw new Error(`A picture was answered with ${reply.status}.`);
  }
  return urls.length;
}

async function countRequeues({ database, demo }: { database: string; demo: { org_id: string } }): Promise<number> {
  const client = new pg.Client({ connectionString: database });
  await client.connect();
  try {
    await client.query(`select set_config('app.org_id', $1, false)`, [demo.org_id]);
    const { rows } = await client.query<{ requeues: number }>('select sum(requeues)::int as requeues from uploads');
    return rows[0]?.requeues ?? 0;
  } finally {
    await client.end();
  }
}

/** Waits up to two minutes: a worker looks for erasures every 15 s. */
async function waitUntil(isDone: () => Promise<boolean>): Promise<void> {
  const deadline = Date.now() + 120_000;
  while (!(await isDone())) {
    if (Date.now() > deadline) throw new Error('The objects of the erased session are still in the store.');
    await new Promise((resolve) => setTimeout(resolve, 1_000));
  }
}
