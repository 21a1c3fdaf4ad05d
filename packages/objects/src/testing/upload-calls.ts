import { randomBytes } from 'node:crypto';
import {
  assert,
  assertRefused,
  changedUpload,
  conditions,
  newKey,
  photo,
  type StoreCall,
  send,
  statusOf,
} from './store-call.ts';

const forged = (url: string) => url.replace(/X-Amz-Signature=\w{8}/, 'X-Amz-Signature=00000000');

/** The upload of a photo with a signed URL. */
export const uploadCalls: readonly StoreCall[] = [
  {
    call: 'presigned PUT with signed type, length and digest',
    needed: true,
    consequence: 'no photo arrives',
    run: async (store) => {
      const { key, reply } = await changedUpload(store, () => ({}));
      assert(reply.status === 200, `answered ${statusOf(reply)}`);
      // Clients treat a reply with a body as the page of a proxy or captive portal.
      assert(reply.bytes.length === 0, `answered with a body of ${reply.bytes.length} bytes`);
      const head = await store.objects.head(key);
      assert(head?.size === photo.length, `stored ${head?.size ?? 'nothing'} of ${photo.length} bytes`);
      assert(head.contentType === 'image/jpeg', `stored the type ${head.contentType}`);
    },
  },
  {
    call: 'presigned PUT to a key that has an object',
    needed: true,
    consequence: 'an upload that is repeated after a lost reply gets stuck on the device',
    run: async (store) => {
      const { url, headers } = await store.untagged.presignPut(newKey(store), conditions);
      for (const _ of ['first', 'second']) {
        const reply = await send(url, { method: 'PUT', headers, body: photo });
        assert(reply.status === 200, `answered ${statusOf(reply)}`);
      }
    },
  },
  {
    call: 'presigned PUT with a forged signature is refused',
    needed: true,
    consequence: 'anybody can write into the bucket',
    run: async (store) => assertRefused(store, await changedUpload(store, ({ url }) => ({ url: forged(url) }))),
  },
  {
    call: 'presigned PUT with another content type is refused',
    needed: true,
    consequence: 'a device can store a web page that the store then serves from its address',
    run: async (store) =>
      assertRefused(
        store,
        await changedUpload(store, ({ headers }) => ({ headers: { ...headers, 'content-type': 'text/html' } })),
      ),
  },
  {
    call: 'presigned PUT that has expired is refused with 403',
    needed: true,
    consequence: 'a URL is valid forever, or the outbox of a device does not request another one (it does after a 403)',
    run: async (store) => {
      const late = await changedUpload(store, () => ({}), new Date(Date.now() - 3_600_000));
      await assertRefused(store, late, (status) => status === 403);
    },
  },
  {
    call: 'presigned PUT of another length is refused',
    needed: false,
    consequence:
      'a device can store a large file; the worker rejects it, and it counts towards the quota of its organization',
    run: async (store) => assertRefused(store, await changedUpload(store, () => ({ body: photo.subarray(1) }))),
  },
  {
    call: 'presigned PUT of other bytes is refused (SHA-256)',
    needed: false,
    consequence:
      'the worker finds a photo that was damaged in transit, and the frame has to be shot again instead of sent again',
    run: async (store) => assertRefused(store, await changedUpload(store, () => ({ body: randomBytes(photo.length) }))),
  },
  {
    call: 'presigned PUT cannot make its object public (x-amz-acl)',
    needed: false,
    consequence: 'a device can make its own photos public',
    run: async (store) => {
      const { key, reply } = await changedUpload(store, ({ headers }) => ({
        headers: { ...headers, 'x-amz-acl': 'public-read' },
      }));
      if (reply.status >= 400) return assertRefused(store, { key, reply });
      const url = new URL(await store.objects.presignGet(key, { now: new Date(), group: '' }));
      url.search = '';
      const unsigned = await send(url.href);
      assert(
        unsigned.status >= 400,
        `answered the upload with ${statusOf(reply)}, and an unsigned GET of it with ${unsigned.status}`,
      );
    },
  },
  {
    call: 'CORS: preflight of a PUT, and a readable reply',
    needed: true,
    consequence: 'the capture app cannot upload from a browser; phones with the native app and "ingest" can',
    run: async (store) => {
      for (const origin of store.origins) {
        const { url, headers } = await store.objects.presignPut(newKey(store), conditions);
        const preflight = await send(url, {
          method: 'OPTIONS',
          headers: {
            origin,
            'access-control-request-method': 'PUT',
            'access-control-request-headers': Object.keys(headers).join(','),
          },
        });
        const allowed = preflight.headers.get('access-control-allow-headers')?.toLowerCase() ?? '';
        assert(preflight.status < 300, `answered the preflight from ${origin} with ${statusOf(preflight)}`);
        assert(isAllowed(preflight.headers, origin), `does not allow ${origin}`);
        const missing = Object.keys(headers).filter((name) => !allowed.split(/, */).includes(name) && allowed !== '*');
        assert(missing.length === 0, `does not allow the header ${missing.join(', ')} from ${origin}`);
        const reply = await send(url, { method: 'PUT', headers: { ...headers, origin }, body: photo });
        assert(isAllowed(reply.headers, origin), `does not let ${origin} read the reply of a PUT`);
      }
    },
  },
  {
    call: 'CORS: a readable refusal',
    needed: false,
    consequence: 'the capture app takes a refused upload for an outage of the store and retries later with a new URL',
    run: async (store) => {
      for (const origin of store.origins) {
        const { reply } = await changedUpload(store, ({ url, headers }) => ({
          url: forged(url),
          headers: { ...headers, origin },
        }));
        assert(isAllowed(reply.headers, origin), `does not let ${origin} read a ${statusOf(reply)}`);
      }
    },
  },
  {
    call: 'CORS: other origins are not allowed',
    needed: false,
    consequence: 'a page of another site could use a signed URL that it knows',
    run: async (store) => {
      const { url } = await store.untagged.presignPut(newKey(store), conditions);
      const origin = 'https://elsewhere.example';
      const { headers } = await send(url, {
        method: 'OPTIONS',
        headers: { origin, 'access-control-request-method': 'PUT' },
      });
      assert(!isAllowed(headers, origin), 'allows every origin');
    },
  },
];

/** The tags of an upload. A store without tags needs S3_TAGS=off. */
export const tagCalls: readonly StoreCall[] = [
  {
    call: 'presigned PUT with signed tags',
    needed: true,
    consequence: 'no photo arrives; set S3_TAGS=off',
    run: async (store) => {
      const { url, headers } = await store.objects.presignPut(newKey(store), conditions);
      const reply = await send(url, { method: 'PUT', headers, body: photo });
      assert(reply.status === 200, `answered ${statusOf(reply)}`);
    },
  },
  {
    call: 'tags are returned (GetObjectTagging)',
    needed: true,
    consequence:
      'photos whose rows were lost with the database come back without their place in the spin; set S3_TAGS=off',
    run: async (store) => {
      const key = newKey(store);
      const { url, headers } = await store.objects.presignPut(key, conditions);
      await send(url, { method: 'PUT', headers, body: photo });
      const tags = (await store.objects.tags(key)) ?? {};
      const lost = Object.entries(conditions.tags).filter(([name, value]) => tags[name] !== value);
      assert(lost.length === 0, `lost ${lost.map(([name]) => name).join(', ')}`);
    },
  },
];

function isAllowed(headers: Headers, origin: string): boolean {
  const allowed = headers.get('access-control-allow-origin');
  return allowed === origin || allowed === '*';
}
