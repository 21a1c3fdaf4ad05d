import { createHash, randomBytes, randomUUID } from 'node:crypto';
import { OrgId, SessionId, SiteId, storageKey, UploadId } from '@spinbay/contracts';
import type { Objects } from '../objects.ts';
import type { PutConditions } from '../sign-put.ts';

/** A call that Spinbay makes to its object store, or a refusal that it relies on. */
export interface StoreCall {
  readonly call: string;
  /** Whether Spinbay depends on it in order to work or to be secure. */
  readonly needed: boolean;
  /** What Spinbay loses if the store lacks it. */
  readonly consequence: string;
  /** @throws Error that says what the store did instead */
  run(store: CheckedStore): Promise<void>;
}

export interface CheckedStore {
  readonly objects: Objects;
  /** The same store, without tags in uploads. */
  readonly untagged: Objects;
  /** Origins of pages that upload photos. */
  readonly origins: readonly string[];
  /** The prefix of all keys of this run. */
  readonly prefix: string;
  /** An empty folder for downloads. */
  readonly folder: string;
}

export const photo = randomBytes(300_000);
export const sha256Hex = createHash('sha256').update(photo).digest('hex');
export const cacheControl = 'private, max-age=86400, immutable';

/** A new prefix in the form of an organization's. */
export function newPrefix(): string {
  return `org/${randomUUID()}/`;
}

/** A new key for an upload. */
export function newKey({ prefix }: CheckedStore): string {
  const parts = {
    orgId: OrgId.parse(prefix.split('/')[1]),
    siteId: SiteId.parse(randomUUID()),
    sessionId: SessionId.parse(randomUUID()),
    uploadId: UploadId.parse(randomUUID()),
  };
  return storageKey(parts, 'image/jpeg');
}

export const conditions: PutConditions = {
  contentType: 'image/jpeg',
  sha256Hex,
  contentLength: photo.length,
  tags: { org_id: randomUUID(), kind: 'original', slot: 'shot_front left' },
};

export interface Reply {
  readonly status: number;
  readonly headers: Headers;
  readonly bytes: Buffer;
}

/** Sends a request as a browser or a phone would. @throws Error that does not contain the URL, because the URL is signed */
export async function send(url: string, init: RequestInit = {}): Promise<Reply> {
  try {
    const reply = await fetch(url, { ...init, signal: AbortSignal.timeout(30_000) });
    return { status: reply.status, headers: reply.headers, bytes: Buffer.from(await reply.arrayBuffer()) };
  } catch (error) {
    const { message, cause } = error as Error & { cause?: { code?: string } };
    throw new Error(`no answer (${cause?.code ?? message})`);
  }
}

/** The status of a reply and the error code of S3, if it has one. */
export function statusOf({ status, bytes }: Reply): string {
  const code = /<Code>(\w{1,100})<\/Code>/.exec(bytes.toString('utf8', 0, 4000))?.[1];
  return code === undefined ? `${status}` : `${status} ${code}`;
}

export function assert(condition: boolean, otherwise: string): asserts condition {
  if (!condition) throw new Error(otherwise);
}

/** Signs an upload of the photo to a new key, applies `change` to the signed request and sends it. */
export async function changedUpload(
  store: CheckedStore,
  change: (upload: { url: string; headers: Record<string, string>; body: Buffer<ArrayBuffer> }) => object,
  now?: Date,
): Promise<{ key: string; reply: Reply }> {
  const key = newKey(store);
  const { url, headers } = await store.untagged.presignPut(key, conditions, now);
  const upload = { url, headers, body: photo };
  const changed = { ...upload, ...change(upload) };
  const reply = await send(changed.url, { method: 'PUT', headers: changed.headers, body: changed.body });
  return { key, reply };
}

/** @throws Error if the store accepted the upload, or refused it with a status that has another meaning */
export async function assertRefused(
  store: CheckedStore,
  upload: { key: string; reply: Reply },
  allowed: (status: number) => boolean = (status) => status >= 400 && status < 500,
): Promise<void> {
  assert(allowed(upload.reply.status), `answered ${statusOf(upload.reply)}`);
  assert((await store.objects.head(upload.key)) === null, 'stored the object that it refused');
}
