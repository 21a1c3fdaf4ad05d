import { randomUUID } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { thumbKey } from '@spinbay/contracts';
import { ObjectMissing } from '../errors.ts';
import {
  assert,
  type CheckedStore,
  cacheControl,
  newKey,
  photo,
  type StoreCall,
  send,
  sha256Hex,
  statusOf,
} from './store-call.ts';

/** The clocks of the store and the API may differ by this much. */
const skewMs = 5 * 60_000;

/** Stores a picture as the worker stores a thumbnail. */
async function putThumb(store: CheckedStore): Promise<string> {
  const key = thumbKey(newKey(store), 150);
  await store.objects.put(key, photo, { contentType: 'image/jpeg', cacheControl });
  return key;
}

const now = () => ({ now: new Date(), group: '' });

/** The calls by which the API and the worker read objects, and by which the worker stores, lists and deletes them. */
export const readCalls: readonly StoreCall[] = [
  {
    call: 'PUT by the worker, with digest and Cache-Control (PutObject)',
    needed: true,
    consequence: 'no thumbnails, so no frame becomes visible',
    run: async (store) => {
      await putThumb(store);
    },
  },
  {
    call: 'presigned GET',
    needed: true,
    consequence: 'nobody sees a picture',
    run: async (store) => {
      const reply = await send(await store.objects.presignGet(await putThumb(store), now()));
      assert(reply.status === 200, `answered ${statusOf(reply)}`);
      assert(reply.bytes.equals(photo), 'returned other bytes');
      assert(reply.headers.get('content-type') === 'image/jpeg', `returned ${reply.headers.get('content-type')}`);
    },
  },
  {
    call: 'presigned GET returns the Cache-Control of the object',
    needed: false,
    consequence: 'browsers fetch each picture again on every visit',
    run: async (store) => {
      const { headers } = await send(await store.objects.presignGet(await putThumb(store), now()));
      assert(headers.get('cache-control') === cacheControl, `returned ${headers.get('cache-control') ?? 'none'}`);
    },
  },
  {
    call: 'presigned GET with a disposition that Spinbay sets (response-content-disposition)',
    needed: true,
    consequence: 'nobody sees an original',
    run: async (store) => {
      const reply = await send(await store.objects.presignOriginal(await putThumb(store), now(), 'angle_015.jpg'));
      assert(reply.status === 200, `answered ${statusOf(reply)}`);
    },
  },
  {
    call: 'presigned GET returns that disposition',
    needed: false,
    consequence: 'a browser shows or saves an original with the disposition and the file name of its upload',
    run: async (store) => {
      const { headers } = await send(
        await store.objects.presignOriginal(await putThumb(store), now(), 'angle_015.jpg'),
      );
      const disposition = headers.get('content-disposition');
      assert(disposition === 'inline; filename="angle_015.jpg"', `returned ${disposition ?? 'none'}`);
    },
  },
  {
    call: 'presigned GET of another key is refused',
    needed: true,
    consequence: 'whoever has one URL can read every photo of the bucket',
    run: async (store) => {
      const url = new URL(await store.objects.presignGet(await putThumb(store), now()));
      const other = new URL(await store.objects.presignGet(await putThumb(store), now()));
      url.pathname = other.pathname;
      const reply = await send(url.href);
      assert(reply.status === 403, `answered ${statusOf(reply)}`);
    },
  },
  {
    call: 'presigned GET that has expired is refused',
    needed: true,
    consequence: 'a URL that was passed on shows the photo forever',
    run: async (store) => {
      const time = { now: new Date(Date.now() - 4 * 3_600_000), group: '' };
      const reply = await send(await store.objects.presignGet(await putThumb(store), time));
      assert(reply.status >= 400 && reply.status < 500, `answered ${statusOf(reply)}`);
    },
  },
  {
    call: 'GET without a signature is refused',
    needed: true,
    consequence: 'the photos are public',
    run: async (store) => {
      const url = new URL(await store.objects.presignGet(await putThumb(store), now()));
      url.search = '';
      const reply = await send(url.href);
      assert(reply.status >= 400 && reply.status < 500, `answered ${statusOf(reply)}`);
    },
  },
  {
    call: 'download by the worker (GetObject)',
    needed: true,
    consequence: 'no photo is measured',
    run: async (store) => {
      const key = await putThumb(store);
      const file = join(store.folder, randomUUID());
      const downloaded = await store.objects.download(key, file, { maxBytes: photo.length });
      assert(downloaded.sha256Hex === sha256Hex && (await readFile(file)).equals(photo), 'returned other bytes');
      const ageMs = Math.abs(Date.now() - (downloaded.lastModified?.getTime() ?? 0));
      assert(ageMs < skewMs, `has ${downloaded.lastModified?.toISOString() ?? 'no time'} as its time`);
    },
  },
  {
    call: 'size and type of an object (HeadObject)',
    needed: true,
    consequence: 'confirmed uploads are not found',
    run: async (store) => {
      const head = await store.objects.head(await putThumb(store));
      assert(head?.size === photo.length, `returned ${head?.size ?? 'nothing'}`);
    },
  },
  {
    call: 'a missing object is a 404',
    needed: true,
    consequence: 'the worker retries a photo that does not exist, until its message is in the dead-letter queue',
    run: async (store) => {
      assert((await store.objects.head(newKey(store))) === null, 'HEAD found an object');
      const file = join(store.folder, randomUUID());
      const error = await store.objects.download(newKey(store), file, { maxBytes: 9 }).catch((e: unknown) => e);
      if (!(error instanceof ObjectMissing)) throw error ?? new Error('GET found an object');
    },
  },
  {
    call: 'list by prefix, in order, in pages (ListObjectsV2, start-after)',
    needed: true,
    consequence: 'erased photos and objects without a row stay in the bucket',
    run: async (store) => {
      const folder = newKey(store).replace(/[^/]+$/, '');
      const keys = ['a', 'b', 'c', 'd', 'e'].map((name) => `${folder}${name}.jpg`);
      for (const key of [...keys].reverse()) await store.objects.put(key, photo, { contentType: 'image/jpeg' });
      const found: string[] = [];
      for (let page = 0; page < keys.length; page++) {
        const last = found.at(-1);
        const listed = await store.objects.list(folder, { limit: 2, ...(last === undefined ? {} : { after: last }) });
        found.push(...listed.map(({ key }) => key));
        if (listed.length < 2) break;
      }
      assert(found.join() === keys.join(), `returned ${found.map((key) => key.slice(folder.length)).join(', ')}`);
    },
  },
  {
    call: 'delete, also of a missing object (DeleteObject)',
    needed: true,
    consequence: 'erased photos stay in the bucket',
    run: async (store) => {
      const key = await putThumb(store);
      await store.objects.remove(key);
      await store.objects.remove(key);
      assert((await store.objects.head(key)) === null, 'the object is still there');
    },
  },
];
