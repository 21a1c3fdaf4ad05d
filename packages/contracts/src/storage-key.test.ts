import { randomUUID } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { OrgId, SessionId, SiteId, UploadId } from './ids.ts';
import { isThumbKey, parseStorageKey, storageKey, thumbKey, thumbSizes } from './storage-key.ts';

const parts = () => ({
  orgId: OrgId.parse(randomUUID()),
  siteId: SiteId.parse(randomUUID()),
  sessionId: SessionId.parse(randomUUID()),
  uploadId: UploadId.parse(randomUUID()),
});

test('a storage key has the documented form', () => {
  const p = parts();
  const prefix = `org/${p.orgId}/site/${p.siteId}/session/${p.sessionId}/${p.uploadId}`;
  expect(storageKey(p, 'image/jpeg')).toBe(`${prefix}.jpg`);
  expect(storageKey(p, 'image/heic')).toBe(`${prefix}.heic`);
  expect(thumbKey(storageKey(p, 'image/jpeg'), 600)).toBe(`${prefix}.jpg_thumb_600.jpg`);
});

test('a storage key is parsed into its parts', () => {
  const p = parts();
  expect(parseStorageKey(storageKey(p, 'image/jpeg'))).toEqual(p);
  expect(parseStorageKey(storageKey(p, 'image/heic'))).toEqual(p);
});

test('a storage key may contain every version of UUID', () => {
  fc.assert(
    fc.property(fc.tuple(fc.uuid(), fc.uuid(), fc.uuid(), fc.uuid()), ([org, site, session, image]) => {
      const p = {
        orgId: OrgId.parse(org),
        siteId: SiteId.parse(site),
        sessionId: SessionId.parse(session),
        uploadId: UploadId.parse(image),
      };
      expect(parseStorageKey(storageKey(p, 'image/jpeg'))).toEqual(p);
    }),
    { numRuns: 50 },
  );
});

describe('a key of another form is not parsed', () => {
  const p = parts();
  const key = storageKey(p, 'image/jpeg');
  const cases: [name: string, key: string][] = [
    ['empty', ''],
    ['foreign', 'uploads/car.jpg'],
    ['upper case', key.toUpperCase()],
    ['upper case id', key.replace(p.orgId, p.orgId.toUpperCase())],
    ['a parent folder', `../${key}`],
    ['a parent folder in the middle', key.replace('/site/', '/../site/')],
    ['a leading slash', `/${key}`],
    ['a line break after it', `${key}\n`],
    ['a line break before it', `\n${key}`],
    ['another ending', key.replace('.jpg', '.png')],
    ['.jpeg', key.replace('.jpg', '.jpeg')],
    ['text after the ending', `${key}.exe`],
    ['no image', key.replace(`${p.uploadId}.jpg`, '.jpg')],
    ['a thumbnail', thumbKey(key, 150)],
    ['URL-encoded', encodeURIComponent(key)],
    ['not a UUID', key.replace(p.siteId, 'x'.repeat(36))],
    ['no UUID version', key.replace(p.siteId, '11111111-1111-0111-8111-111111111111')],
  ];
  test.each(cases)('%s', (_, foreign) => expect(parseStorageKey(foreign)).toBeNull());
});

test('a thumbnail is distinguished from an upload', () => {
  const original = storageKey(parts(), 'image/heic');
  for (const size of thumbSizes) expect(isThumbKey(thumbKey(original, size))).toBe(true);
  expect(isThumbKey(original)).toBe(false);
  expect(isThumbKey(`${original}_thumb_601.jpg`)).toBe(false);
});
