import { createHash, randomUUID } from 'node:crypto';
import { type Client, UploadRefused, uploadFrame } from '@spinbay/client';
import { errorTable, type FrameToPresign, hexToBase64, ImageId, parseStorageKey, SessionId } from '@spinbay/contracts';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { complete, frame, photo, refusal, startSpin, startTestApi, type TestApi, type TestOrg } from '../../testing.ts';

let api: TestApi;
let org: TestOrg;
let device: Client & { deviceId: string; token: string };
beforeAll(async () => {
  api = await startTestApi();
  org = await api.makeOrg();
  device = await api.device(org);
});
afterAll(() => api?.stop());

const newSpin = () => startSpin(device, org.siteIds[0], `S-${randomUUID()}`);

describe('POST /presign', () => {
  test('reserves a frame and signs its upload for 15 minutes', async () => {
    const session = await newSpin();
    const { bytes, sha256 } = photo();
    const before = Math.floor(Date.now() / 1000) * 1000;
    const { body } = await device.presignImage({
      body: { ...frame(session.id, sha256), content_length: bytes.length },
    });
    expect(body.storage_key).toBe(
      `org/${org.orgId}/site/${session.site_id}/session/${session.id}/${body.image_id}.jpg`,
    );
    expect(body.status).toBe('pending');
    expect(new URL(body.upload_url).searchParams.get('X-Amz-Expires')).toBe('900');
    const expires = new Date(body.expires_at).getTime();
    expect(expires).toBeGreaterThanOrEqual(before + 900_000);
    expect(expires).toBeLessThanOrEqual(Date.now() + 900_000);

    await uploadFrame(body, bytes);
    expect(await api.objects.head(body.storage_key)).toMatchObject({ size: bytes.length, contentType: 'image/jpeg' });
    expect(await api.objects.tags(body.storage_key)).toEqual({
      org_id: org.orgId,
      site_id: session.site_id,
      session_id: session.id,
      image_id: body.image_id,
      kind: 'original',
      slot: 'angle_15',
    });
  });

  test('a preview and its original are two uploads of one frame, announced individually or in a batch', async () => {
    const session = await newSpin();
    const image_id = ImageId.parse(randomUUID());
    const [small, large] = [photo(), photo(2_000)];
    const preview = await device.presignImage({
      body: { ...frame(session.id, small.sha256), image_id, kind: 'preview' },
    });
    const original = await device.presignImage({ body: { ...frame(session.id, large.sha256), image_id } });
    expect([preview.body.image_id, original.body.image_id]).toEqual([image_id, image_id]);
    expect(original.body.storage_key).toContain(`/${image_id}.jpg`);
    expect(preview.body.storage_key).not.toBe(original.body.storage_key);
    await uploadFrame(preview.body, small.bytes);
    expect(await api.objects.tags(preview.body.storage_key)).toMatchObject({ image_id, kind: 'preview' });
    const { session_id: _, ...again } = frame(session.id, small.sha256);
    const { body } = await device.presignImages({
      body: {
        session_id: session.id,
        frames: [
          { ...again, image_id, kind: 'preview' },
          { ...again, image_id, content_sha256: large.sha256, kind: 'original' },
          { ...again, image_id, content_sha256: photo().sha256, kind: 'preview' },
        ],
      },
    });
    expect(body.items).toMatchObject([
      { image_id, storage_key: preview.body.storage_key },
      { image_id, storage_key: original.body.storage_key },
      { error: { code: 'image_conflict' } },
    ]);
    const { body: list } = await device.listImages({ query: { session_id: session.id } });
    expect(list?.items).toMatchObject([{ id: image_id, shown_upload: null, original_state: 'expected' }]);
  });

  test('the upload accepts only these bytes, this type and these headers', async () => {
    const session = await newSpin();
    const { bytes, sha256 } = photo();
    const { body } = await device.presignImage({
      body: { ...frame(session.id, sha256), content_length: bytes.length },
    });
    const outcome = (headers: Record<string, string>, content = bytes) =>
      uploadFrame({ ...body, headers }, content).then(
        () => 'taken',
        (error: unknown) => (error instanceof UploadRefused ? error.status : `another error: ${error}`),
      );
    const { 'x-amz-tagging': tagging, ...withoutTags } = body.headers;
    const { 'x-amz-checksum-sha256': _, ...withoutChecksum } = body.headers;
    expect(await outcome({ ...body.headers, 'content-type': 'image/heic' })).toBe(403);
    expect(await outcome({ ...body.headers, 'content-type': 'text/html' })).toBe(403);
    expect(await outcome(withoutTags)).toBe(403);
    expect(await outcome({ ...body.headers, 'x-amz-tagging': `${tagging}&role=admin` })).toBe(403);
    expect(await outcome(withoutChecksum)).toBe(403);
    const other = photo(bytes.length);
    expect(await outcome(body.headers, other.bytes)).toBe(400);
    expect(await outcome({ ...body.headers, 'x-amz-checksum-sha256': hexToBase64(other.sha256) }, other.bytes)).toBe(
      403,
    );
    expect(await outcome(body.headers, photo(bytes.length + 1).bytes)).toBe(403);
    expect(await api.objects.head(body.storage_key)).toBeNull();
    expect(await outcome(body.headers)).toBe('taken');
  });

  test('a URL that another device gets for a photo that has arrived cannot replace the photo', async () => {
    const session = await newSpin();
    const { bytes, sha256 } = photo();
    const { body: first } = await device.presignImage({ body: frame(session.id, sha256) });
    await uploadFrame(first, bytes);
    const { body: second } = await (await api.device(org)).presignImage({ body: frame(session.id, sha256) });
    expect(second.storage_key).toBe(first.storage_key);
    await expect(uploadFrame(second, photo(bytes.length).bytes)).rejects.toThrow(UploadRefused);
    const before = [await api.objects.head(first.storage_key), await api.objects.tags(first.storage_key)];
    await uploadFrame(second, bytes);
    const after = [await api.objects.head(first.storage_key), await api.objects.tags(first.storage_key)];
    const anyTime = { lastModified: expect.any(Date) };
    expect(after).toEqual([{ ...before[0], ...anyTime }, before[1]]);
  });

  test('a HEIC has its own file extension, and the digest may be base64', async () => {
    const session = await newSpin();
    const bytes = new Uint8Array([1, 2, 3]);
    const digest = createHash('sha256').update(bytes).digest('base64');
    const { body } = await device.presignImage({
      body: { ...frame(session.id, digest), content_type: 'image/heic', file_name: 'angle_030.heic' },
    });
    expect(body.storage_key).toMatch(/\.heic$/);
    await uploadFrame(body, bytes);
  });

  test('the slot comes from the request, else from the file name', async () => {
    const session = await newSpin();
    const slotOf = async (over: object) => {
      const { body } = await device.presignImage({ body: { ...frame(session.id), ...over } });
      const { body: page } = await device.listImages({ query: { session_id: session.id, superseded: 'true' } });
      const image = page?.items.find((item) => item.id === body.image_id);
      return [image?.angle_deg, image?.shot_name];
    };
    expect(await slotOf({})).toEqual([15, null]);
    expect(await slotOf({ angle_deg: 30 })).toEqual([30, null]);
    expect(await slotOf({ angle_deg: 44.9999 })).toEqual([45, null]);
    expect(await slotOf({ file_name: 'IMG_0001.jpg' })).toEqual([null, null]);
    expect(await refusal(slotOf({ file_name: 'angle_017.jpg' }))).toBe('422 slot_not_in_shot_list');
    expect(await refusal(slotOf({ shot_name: 'front' }))).toBe('422 slot_not_in_shot_list');
  });

  test.each(['1970-01-01T00:00:00Z', '2099-01-01T00:00:00Z'])(
    'a capture time of %s is refused, and the error names the field',
    async (at) => {
      const session = await newSpin();
      const error = await device
        .presignImage({ body: { ...frame(session.id), captured_at: at } })
        .catch((reason: unknown) => reason);
      expect(error).toMatchObject({ status: 400, fields: [{ path: 'body.captured_at' }] });
    },
  );

  test('a repeated request returns the same frame, and its id cannot be used for another photo', async () => {
    const session = await newSpin();
    const request = { ...frame(session.id), image_id: ImageId.parse(randomUUID()) };
    const [first, again] = [
      (await device.presignImage({ body: request })).body,
      (await device.presignImage({ body: request })).body,
    ];
    expect(first.image_id).toBe(request.image_id);
    expect([again.image_id, again.storage_key, again.status]).toEqual([first.image_id, first.storage_key, 'pending']);
    // The same bytes in the same session are the same frame, too.
    const { image_id: _, ...unnamed } = request;
    expect((await device.presignImage({ body: unnamed })).body.image_id).toBe(first.image_id);
    const twice = { ...frame(session.id), image_id: ImageId.parse(randomUUID()) };
    const both = await Promise.all([device.presignImage({ body: twice }), device.presignImage({ body: twice })]);
    expect(new Set(both.map(({ body }) => body.image_id)).size).toBe(1);
    // The id for other bytes, in another session, or of another type.
    expect(await refusal(device.presignImage({ body: { ...request, content_sha256: photo().sha256 } }))).toBe(
      '409 image_conflict',
    );
    const other = await newSpin();
    expect(await refusal(device.presignImage({ body: { ...request, session_id: other.id } }))).toBe(
      '409 image_conflict',
    );
    expect(await refusal(device.presignImage({ body: { ...request, content_type: 'image/heic' } }))).toBe(
      '409 image_conflict',
    );
  });

  test('bytes that the session already has keep their first slot, and the reply names it', async () => {
    const session = await newSpin();
    const known = frame(session.id);
    const slotOf = async (over: object) => {
      const { body } = await device.presignImage({ body: { ...known, ...over } });
      return [body.image_id, body.angle_deg, body.shot_name];
    };
    const [id, ...slot] = await slotOf({ angle_deg: 30 });
    expect(slot).toEqual([30, null]);
    expect(await slotOf({ angle_deg: 45 })).toEqual([id, 30, null]);
    // Known bytes are not refused because of a slot that the shot list lacks.
    expect(await slotOf({ shot_name: 'front' })).toEqual([id, 30, null]);
    const { session_id, ...inBatch } = known;
    const { body } = await device.presignImages({ body: { session_id, frames: [{ ...inBatch, angle_deg: 60 }] } });
    expect(body.items).toMatchObject([{ image_id: id, angle_deg: 30, shot_name: null }]);
  });

  test('the reply says that a photo has already arrived', async () => {
    const session = await newSpin();
    const { bytes, sha256 } = photo();
    const { body } = await device.presignImage({ body: frame(session.id, sha256) });
    await uploadFrame(body, bytes);
    await complete(api.database, body.storage_key);
    expect((await device.presignImage({ body: frame(session.id, sha256) })).body.status).toBe('processed');
  });

  test('a finished session accepts only known frames', async () => {
    const session = await newSpin();
    const known = frame(session.id);
    await device.presignImage({ body: known });
    await device.updateSession({ params: { session_id: session.id }, body: { status: 'completed' } });
    expect(await refusal(device.presignImage({ body: known }))).toBe('no error');
    expect(await refusal(device.presignImage({ body: frame(session.id) }))).toBe('409 session_not_active');
  });

  test.each([
    ['another type of content', { content_type: 'image/png' }, 'body.content_type'],
    ['no digest', { content_sha256: undefined }, 'body.content_sha256'],
    ['an invalid digest', { content_sha256: 'abc' }, 'body.content_sha256'],
    ['a photo without bytes', { content_length: 0 }, 'body.content_length'],
    ['no file name', { file_name: '' }, 'body.file_name'],
    ['angle and shot at once', { angle_deg: 15, shot_name: 'front' }, 'body.shot_name'],
  ])('400 for %s', async (_, over, path) => {
    const session = await newSpin();
    const error = await device
      .presignImage({ body: { ...frame(session.id), ...over } as never })
      .catch((e: unknown) => e);
    expect(error).toMatchObject({ status: 400, code: 'validation_failed' });
    expect(error).toHaveProperty('fields.0.path', path);
  });

  test('413 for a photo that is too large', async () => {
    const session = await newSpin();
    const body = { ...frame(session.id), content_length: 64 * 1024 * 1024 };
    expect(await refusal(device.presignImage({ body }))).toBe('no error');
    const error = await device
      .presignImage({ body: { ...frame(session.id), content_length: 64 * 1024 * 1024 + 1 } })
      .catch((e: unknown) => e);
    expect(error).toMatchObject({ status: 413, code: 'image_too_large' });
    expect(String(error)).toContain('67108865 bytes');
  });

  test('a repeated request after the URL expired gives a new URL for the same key and revives the frame', async () => {
    const session = await newSpin();
    const { bytes, sha256 } = photo();
    const body = { ...frame(session.id, sha256), image_id: ImageId.parse(randomUUID()) };
    const first = (await device.presignImage({ body })).body;
    const { objects } = api;
    const past = await objects.presignPut(
      first.storage_key,
      { contentType: 'image/jpeg', sha256Hex: sha256, expiresInSeconds: 60, tags: {} },
      new Date(Date.now() - 3_600_000),
    );
    const refused = await uploadFrame({ upload_url: past.url, headers: past.headers }, bytes).catch((e: unknown) => e);
    expect(refused).toMatchObject({ name: 'UploadRefused', status: 403 });
    await api.database.admin.query(
      `with expired as (update images set status = 'expired' where id = $1 returning id)
       update uploads set state = 'expired', expires_at = now() - interval '1 hour' from expired where image_id = expired.id`,
      [first.image_id],
    );
    const again = (await device.presignImage({ body })).body;
    expect(again).toMatchObject({ image_id: first.image_id, storage_key: first.storage_key, status: 'pending' });
    await uploadFrame(again, bytes);
    const { rows } = await api.database.admin.query(
      `select i.status, u.state, u.expires_at > now() as valid from images i join uploads u on u.image_id = i.id
       where i.id = $1`,
      [first.image_id],
    );
    expect(rows).toEqual([{ status: 'pending', state: 'expected', valid: true }]);
  });

  test('a path in the file name has no effect', async () => {
    const session = await newSpin();
    const { body } = await device.presignImage({
      body: { ...frame(session.id), file_name: '../../../etc/passwd.jpg' },
    });
    expect(parseStorageKey(body.storage_key)).toMatchObject({ orgId: org.orgId, sessionId: session.id });
  });

  test('a batch counts once per frame, together with individual requests', async () => {
    const { url, close } = await api.another();
    const own = await api.device(org);
    const post = async (path: string, body: object) => {
      const headers = { 'content-type': 'application/json', authorization: `Bearer ${own.token}` };
      const reply = await fetch(`${url}${path}`, { method: 'POST', headers, body: JSON.stringify(body) });
      await reply.arrayBuffer();
      return reply;
    };
    const left = (reply: Response) => Number(reply.headers.get('ratelimit-remaining'));
    expect(left(await post('/presign/batch', { frames: Array.from({ length: 100 }, () => ({})) }))).toBe(400);
    expect(left(await post('/presign', {}))).toBe(399);
    await close();
  });

  test('is limited to 500 requests a minute per device', async () => {
    const { url, close } = await api.another();
    const other = await api.device(org);
    const post = async (token: string) => {
      const headers = { 'content-type': 'application/json', authorization: `Bearer ${token}` };
      const reply = await fetch(`${url}/presign`, { method: 'POST', headers, body: '{}' });
      await reply.arrayBuffer();
      return reply;
    };
    const statuses = new Set<number>();
    for (let batch = 0; batch < 10; batch++) {
      const replies = await Promise.all(Array.from({ length: 50 }, () => post(device.token)));
      for (const reply of replies) statuses.add(reply.status);
    }
    expect(statuses).toEqual(new Set([400]));
    const over = await post(device.token);
    expect(over.status).toBe(429);
    expect(Number(over.headers.get('retry-after'))).toBeGreaterThan(0);
    expect((await post(other.token)).status).toBe(400);
    await close();
  });
});

describe('POST /presign/batch', () => {
  const batchOf = (sessionId: string, frames: object[]) =>
    device.presignImages({ body: { session_id: SessionId.parse(sessionId), frames: frames as FrameToPresign[] } });
  const frameAt = (angle: number, sha256 = photo().sha256, more: object = {}) => {
    const { session_id: _, ...one } = frame(randomUUID(), sha256);
    return { ...one, file_name: `angle_${angle}.jpg`, ...more };
  };

  test('24 frames in one request, each with an upload that works', async () => {
    const session = await newSpin();
    const photos = Array.from({ length: 24 }, () => photo());
    const frames = photos.map(({ bytes, sha256 }, k) => frameAt(k * 15, sha256, { content_length: bytes.length }));
    const { items } = (await batchOf(session.id, frames)).body;
    for (const [k, item] of items.entries()) {
      if ('error' in item) throw new Error(item.error.code);
      await uploadFrame(item, photos[k]?.bytes ?? new Uint8Array());
      expect(await api.objects.tags(item.storage_key)).toMatchObject({
        slot: `angle_${k * 15}`,
        image_id: item.image_id,
      });
    }
    const { body } = await device.getSession({ params: { session_id: session.id } });
    expect(body.frames).toMatchObject({ pending: 24 });
    // A repeated request returns the same frames.
    const again = (await batchOf(session.id, frames)).body.items;
    expect(again.map((item) => 'image_id' in item && item.image_id)).toEqual(
      items.map((item) => 'image_id' in item && item.image_id),
    );
  });

  test('a refused frame does not affect the others', async () => {
    const session = await newSpin();
    const image_id = ImageId.parse(randomUUID());
    const { items } = (
      await batchOf(session.id, [
        frameAt(0, undefined, { image_id }),
        frameAt(7),
        frameAt(15, undefined, { content_length: 64 * 1024 * 1024 + 1 }),
        frameAt(30, undefined, { image_id }),
        frameAt(45),
      ])
    ).body;
    expect(items.map((item) => ('error' in item ? item.error.code : item.status))).toEqual([
      'pending',
      'slot_not_in_shot_list',
      'image_too_large',
      'image_conflict',
      'pending',
    ]);
    expect(items[1]).toEqual({
      error: { code: 'slot_not_in_shot_list', title: errorTable.slot_not_in_shot_list.title },
    });
    const { rows } = await api.database.admin.query('select count(*)::int as n from images where session_id = $1', [
      session.id,
    ]);
    expect(rows).toEqual([{ n: 2 }]);
    const none = await batchOf(session.id, [frameAt(15, undefined, { content_length: 1e9 })]);
    expect(none.body.items).toMatchObject([{ error: { code: 'image_too_large' } }]);
  });

  test('a finished session accepts known frames', async () => {
    const session = await newSpin();
    const known = frameAt(0);
    await batchOf(session.id, [known]);
    await device.updateSession({ params: { session_id: session.id }, body: { status: 'completed' } });
    const { items } = (await batchOf(session.id, [frameAt(15), known])).body;
    expect(items).toMatchObject([{ error: { code: 'session_not_active' } }, { status: 'pending' }]);
  });

  test('404 for a missing session; 400 for no frames, for too many, and for a malformed one, which is named', async () => {
    expect(await refusal(batchOf(randomUUID(), [frameAt(0)]))).toBe('404 session_not_found');
    const session = await newSpin();
    const error = await batchOf(session.id, [frameAt(0), frameAt(15, 'abc')]).catch((e: unknown) => e);
    expect(error).toMatchObject({ status: 400, fields: [{ path: 'body.frames.1.content_sha256' }] });
    expect(await refusal(batchOf(session.id, []))).toBe('400 validation_failed');
    const many = Array.from({ length: 101 }, () => frameAt(0));
    expect(await refusal(batchOf(session.id, many))).toBe('400 validation_failed');
    expect(await refusal(batchOf(session.id, many.slice(1)))).toBe('no error');
  });
});
