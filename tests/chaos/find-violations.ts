import type { Shot } from './operators.ts';
import type { Storage } from './storage.ts';

interface ImageRow {
  id: string;
  session_id: string;
  status: string;
  hash_sha256: string | null;
  failure: string | null;
  angle_deg: string | null;
}

/** The number of uploads and frames that are not in a final state. */
export async function countUnfinished(storage: Storage): Promise<number> {
  const [row] = await storage.rows<{ n: number }>(
    `select (select count(*) from images where status = 'pending') + (select count(*) from uploads where state in ('expected', 'stored')) as n`,
  );
  return Number(row?.n ?? 0);
}

/** Compares acknowledged photos with the stored data. @returns a description of each violation */
export async function findViolations(shots: readonly Shot[], storage: Storage): Promise<string[]> {
  return [
    ...(await checkFrames(shots, storage)),
    ...(await checkSlots(storage)),
    ...(await checkObjects(storage)),
    ...(await checkDeadLetters(storage)),
  ];
}

/** Each press of the shutter must be exactly one frame in a final state. */
async function checkFrames(shots: readonly Shot[], storage: Storage): Promise<string[]> {
  const found: string[] = [];
  const images = await storage.rows<ImageRow>(
    `select id, session_id, status, hash_sha256, failure ->> 'code' as failure, angle_deg::text from images`,
  );
  const byId = new Map(images.map((image) => [image.id, image]));
  for (const shot of shots) {
    const image = byId.get(shot.imageId);
    if (image === undefined) found.push(`lost: the photo ${shot.imageId} of session ${shot.sessionId} has no frame`);
    else if (image.session_id !== shot.sessionId) found.push(`the frame ${image.id} is in another session`);
    else if (shot.kind === 'poison' && !(image.status === 'failed' && image.failure !== null)) {
      found.push(`the unreadable photo ${image.id} is "${image.status}"`);
    } else if (shot.kind === 'good' && image.failure !== null) {
      found.push(`the good photo ${image.id} is "${image.status}": ${image.failure}`);
    } else if (shot.kind === 'good' && !['processed', 'failed', 'published'].includes(image.status)) {
      found.push(`the good photo ${image.id} is "${image.status}"`);
    } else if (shot.kind === 'good' && image.hash_sha256 !== shot.sha256) {
      found.push(`the frame ${image.id} has other bytes than the photo`);
    }
  }
  const shot = new Set(shots.map(({ imageId }) => imageId));
  for (const { id } of images) if (!shot.has(id)) found.push(`duplicated: the frame ${id} belongs to no photo`);
  return found;
}

async function checkSlots(storage: Storage): Promise<string[]> {
  const twice = await storage.rows<{ slot_id: string }>(
    `select slot_id from images where status = 'published' and slot_id is not null group by slot_id having count(*) > 1`,
  );
  const stale = await storage.rows<{ id: string }>(
    `select s.id from slots s where s.current_image_id is null
     and exists (select from images i where i.slot_id = s.id and i.status in ('processed', 'published'))`,
  );
  return [
    ...twice.map(({ slot_id }) => `the slot ${slot_id} has two published frames`),
    ...stale.map(({ id }) => `the slot ${id} shows nothing, although it has a good frame`),
  ];
}

/** The store must have the bytes of each upload and each rendition, and no file without an object. */
async function checkObjects(storage: Storage): Promise<string[]> {
  const found: string[] = [];
  const objects = await storage.cloudRows<{ key: string; blob: string; size: string }>(
    'select key, blob, size from local_cloud.objects',
  );
  const byKey = new Map(objects.map((object) => [object.key, object]));
  const blobs = await storage.blobs();
  const uploads = await storage.rows<{ key: string; sha256: string | null }>(
    `select storage_key as key, hash_sha256 as sha256 from uploads where state in ('stored', 'processed', 'rejected')`,
  );
  for (const { key, sha256 } of uploads) {
    const object = byKey.get(key);
    if (object === undefined || !blobs.has(object.blob)) found.push(`the object ${key} is missing`);
    else if (sha256 !== null && (await storage.sha256OfBlob(object.blob)) !== sha256) {
      found.push(`the object ${key} has other bytes than its upload`);
    }
  }
  const renditions = await storage.rows<{ key: string }>('select storage_key as key from renditions');
  for (const { key } of renditions) {
    const object = byKey.get(key);
    if (object === undefined || !blobs.has(object.blob)) found.push(`the rendition ${key} is missing`);
  }
  const used = new Set(objects.map(({ blob }) => blob));
  for (const blob of blobs) if (!used.has(blob)) found.push(`the file ${blob} belongs to no object`);
  return found;
}

/** A message may go to the dead-letter queue if its worker was killed three times. Its upload must still be finished. */
async function checkDeadLetters(storage: Storage): Promise<string[]> {
  const dead = await storage.cloudRows<{ body: string }>(
    `select m.body from local_cloud.messages m join local_cloud.queues q on q.id = m.queue where q.name like '%-dlq'`,
  );
  const keys = dead.map(({ body }) => {
    const { Records: [record] = [] } = JSON.parse(body) as { Records?: { s3?: { object?: { key?: string } } }[] };
    return decodeURIComponent(record?.s3?.object?.key ?? '');
  });
  const open = await storage.rows<{ key: string }>(
    `select storage_key as key from uploads where storage_key = any($1) and state in ('expected', 'stored')`,
    [keys],
  );
  return open.map(({ key }) => `unfinished: the upload ${key}, whose message is in the dead-letter queue`);
}
